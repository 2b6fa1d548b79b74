import cluster from 'node:cluster';
import { extname, join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import { describeCause } from '../../infrastructure/error-code.ts';
import type { MergedMetrics, MetricsSnapshot } from '../../infrastructure/metrics/merged-metrics.ts';
import type { ResolvedConfiguration } from './container.ts';
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

type PoolConfiguration = Pick<ResolvedConfiguration, 'workers' | 'databaseUrl' | 'secret'>;

/** The message by which the primary process asks a worker to finish its requests and to exit. */
export const DRAIN = 'drain';

/** The message by which the primary process asks a worker for its metrics. */
export const COLLECT_METRICS = 'collect metrics';

/** The message by which a worker reports its URL, the reason why it cannot start, or its metrics. */
export interface WorkerReport {
  readonly listening?: string;
  readonly fault?: string;
  readonly metrics?: MetricsSnapshot;
}

/** A worker, as the primary process sees it. */
export interface Worker {
  readonly id: number;
  readonly pid: number | undefined;
  /** Resolves with the worker's URL once it listens. */
  readonly listening: Promise<string>;
  readonly exited: Promise<WorkerExit>;
  /** Asks the worker to finish its requests and to exit. */
  drain(): void;
  kill(): void;
  /** Asks the worker for its metrics. Stays pending while the worker does not answer. */
  collectMetrics(): Promise<MetricsSnapshot>;
}

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The reason that the worker reported, for the operator. */
  readonly fault?: string;
}

/**
 * Answers requests in several processes that share one port. A worker that exits is replaced.
 *
 * While the workers close, node:cluster may accept a connection that none of them takes any more. Nothing is read from
 * it, and it is closed once the last worker has exited.
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
    const timeout = setTimeout(() => this.kill(), GRACE_PERIOD_MS + KILL_AFTER_GRACE_MS);
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

  /** @param delayMs how long to wait before this worker is replaced, should it exit early */
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

/**
 * Starts a worker process. It gets the configuration through its environment and not through its command line, which
 * would show secrets to other users of the machine.
 */
function forkWorker({ databaseUrl, secret }: PoolConfiguration): Worker {
  cluster.setupPrimary({ exec: join(import.meta.dirname, `worker${extname(import.meta.filename)}`), args: [] });
  const worker = cluster.fork({
    DATABASE_URL: databaseUrl,
    ...(secret !== undefined && { BETTER_AUTH_SECRET: secret }),
  });
  let fault: Pick<WorkerExit, 'fault'> = {};
  let collecting: Promise<MetricsSnapshot> | undefined;
  let receiveMetrics = (_: MetricsSnapshot) => {};
  const listening = new Promise<string>((resolve) => {
    worker.on('message', (report: WorkerReport) => {
      if (report.fault !== undefined) fault = { fault: report.fault };
      if (report.listening !== undefined) resolve(report.listening);
      if (report.metrics !== undefined) receiveMetrics(report.metrics);
    });
  });
  const exited = new Promise<WorkerExit>((resolve) => {
    worker.once('exit', (code: number | null, signal: string | null) => resolve({ code, signal, ...fault }));
    worker.on('error', (error: Error) => {
      if (worker.process.pid !== undefined) return;
      resolve({ code: null, signal: null, fault: `Cannot start a worker process (${describeCause(error)})` });
    });
  });
  return {
    id: worker.id,
    pid: worker.process.pid,
    listening,
    exited,
    drain: () => void worker.send(DRAIN, () => {}), // fails if the worker is gone, which is what we want
    kill: () => void worker.process.kill('SIGKILL'),
    collectMetrics: () => {
      collecting ??= new Promise<MetricsSnapshot>((resolve) => {
        receiveMetrics = resolve;
        worker.send(COLLECT_METRICS, () => {});
      }).finally(() => {
        collecting = undefined;
      });
      return collecting;
    },
  };
}

function explainExit({ code, signal, fault }: WorkerExit): OperatorError {
  return new OperatorError(
    fault ?? `A worker ended before it listened (${signal ?? `exit code ${code}`}): see its log`,
  );
}
