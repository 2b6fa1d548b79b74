import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import type { MergedMetrics } from '../../infrastructure/metrics/merged-metrics.ts';
import { forkWorker, type PoolConfiguration, type Worker, type WorkerExit } from './fork-worker.ts';
import type { RequestServer } from './in-process-server.ts';
import { OperatorError } from './operator-error.ts';
import { GRACE_PERIOD_MS } from './shutdown.ts';

/** Delay before a worker that exited is replaced. It doubles with each exit in a row. */
const MIN_RESTART_DELAY_MS = 100;
const MAX_RESTART_DELAY_MS = 10_000;
/** A worker that has run for this long resets the delay. */
const STABLE_AFTER_MS = 60_000;
/** How long a draining worker may exceed the grace period before it is killed. */
const KILL_AFTER_GRACE_MS = 5_000;
/** How long a page of metrics waits for workers that do not answer. */
const METRICS_TIMEOUT_MS = 1_000;

/**
 * Answers requests in several processes that share one port. A worker that exits is replaced.
 *
 * While the workers close, node:cluster may accept a connection that no worker takes. Nothing is read from it, and it is
 * closed when the last worker has exited.
 */
export class WorkerPool implements RequestServer {
  private readonly workers = new Set<Worker>();
  private readonly restarts = new Set<NodeJS.Timeout>();
  private started = false;
  private closing = false;
  private metrics: MergedMetrics | undefined;

  constructor(
    private readonly configuration: PoolConfiguration,
    private readonly log: Logger,
    private readonly clock: Clock,
    private readonly fork: (configuration: PoolConfiguration) => Worker = forkWorker,
  ) {}

  /** Resolves once every worker listens; rejects as soon as one of them exits before that. */
  async start(): Promise<string> {
    const workers = Array.from({ length: this.configuration.workers }, () => this.add(MIN_RESTART_DELAY_MS));
    const failed = async (worker: Worker) => Promise.reject(explainExit(await worker.exited));
    try {
      const urls = await Promise.all(workers.map((worker) => Promise.race([worker.listening, failed(worker)])));
      this.started = true;
      return urls[0] ?? '';
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.closing = true;
    for (const restart of this.restarts) clearTimeout(restart);
    for (const worker of this.workers) worker.drain();
    const drainDelayMs = this.configuration.drainDelay * 1_000;
    const timeout = setTimeout(() => this.kill(), drainDelayMs + GRACE_PERIOD_MS + KILL_AFTER_GRACE_MS);
    await Promise.all([...this.workers].map(({ exited }) => exited));
    clearTimeout(timeout);
  }

  kill(): void {
    for (const worker of this.workers) worker.kill();
  }

  async metricsPage(): Promise<string> {
    const { MergedMetrics } = await import('../../infrastructure/metrics/merged-metrics.ts');
    this.metrics ??= new MergedMetrics(this.configuration.workers);
    const { metrics } = this;
    const answered = new Set<number>();
    const collect = async (worker: Worker) => {
      const snapshot = await worker.collectMetrics();
      if (!this.workers.has(worker)) return;
      metrics.update(worker.id, snapshot);
      answered.add(worker.id);
    };
    let timeout: NodeJS.Timeout | undefined;
    const overdue = new Promise<void>((resolve) => {
      timeout = setTimeout(resolve, METRICS_TIMEOUT_MS);
    });
    await Promise.race([Promise.all([...this.workers].map(collect)), overdue]);
    clearTimeout(timeout);
    return metrics.page(answered);
  }

  /** @param delayMs how long to wait before this worker is replaced if it exits early */
  private add(delayMs: number): Worker {
    const worker = this.fork(this.configuration);
    const { id, pid } = worker;
    const startedAtMs = this.clock.monotonicMs();
    let listened = false;
    this.workers.add(worker);
    void worker.listening.then((url) => {
      listened = true;
      if (this.started) this.log.info({ worker: id, pid, url }, 'worker restarted');
    });
    void worker.exited.then((exit) => {
      this.workers.delete(worker);
      this.metrics?.remove(id);
      if (this.closing || !(this.started || listened)) return;
      const stable = this.clock.monotonicMs() - startedAtMs >= STABLE_AFTER_MS;
      const pause = stable ? MIN_RESTART_DELAY_MS : delayMs;
      this.log.warn({ worker: id, pid, ...exit, pause }, 'worker exited; restarting it');
      const restart = setTimeout(() => {
        this.restarts.delete(restart);
        this.add(Math.min(2 * pause, MAX_RESTART_DELAY_MS));
      }, pause);
      this.restarts.add(restart);
    });
    return worker;
  }
}

function explainExit({ code, signal, fault }: WorkerExit): OperatorError {
  return new OperatorError(
    fault ?? `A worker exited before it was listening (${signal ?? `exit code ${code}`}): see its log`,
  );
}
