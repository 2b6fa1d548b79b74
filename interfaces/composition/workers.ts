import type { Logger } from 'pino';
import { OperatorFault } from './faults.ts';
import type { Ended, ForkedWorker } from './fork-worker.ts';
import { GRACE, type Serving } from './serving.ts';

/** Milliseconds before another worker takes the place of one that ended: twice as many each time, up to a limit. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 10_000;
/** Milliseconds after which a worker counts as sound, and the pauses start over. */
const SOUND = 60_000;
/** Milliseconds to wait for a worker that is stuck, after the grace that it gives its requests. */
const STUCK = 5_000;

/**
 * Answers in several processes on one port. One that ends has another take its place.
 *
 * A connection that comes while the workers close may be accepted by node:cluster though none of them takes it any
 * more: nothing is read of it, and it is closed once the last worker has ended.
 */
export class Workers implements Serving {
  private readonly living = new Set<ForkedWorker>();
  private readonly pauses = new Set<NodeJS.Timeout>();
  private started = false;
  private closing = false;

  constructor(
    private readonly count: number,
    private readonly fork: () => ForkedWorker,
    private readonly log: Logger,
  ) {}

  /** Resolves once all listen; rejects when one of them ends before. */
  async start(): Promise<string> {
    const first = Array.from({ length: this.count }, () => this.add(FIRST_PAUSE));
    const ended = async (worker: ForkedWorker) => Promise.reject(startFault(await worker.ended));
    try {
      const urls = await Promise.all(first.map((worker) => Promise.race([worker.listening, ended(worker)])));
      this.started = true;
      return urls[0] ?? '';
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.closing = true;
    for (const pause of this.pauses) clearTimeout(pause);
    for (const worker of this.living) worker.drain();
    const stuck = setTimeout(() => this.kill(), GRACE + STUCK);
    await Promise.all([...this.living].map(({ ended }) => ended));
    clearTimeout(stuck);
  }

  kill(): void {
    for (const worker of this.living) worker.kill();
  }

  /** @param pause milliseconds before the next one, should this one end soon */
  private add(pause: number): ForkedWorker {
    const worker = this.fork();
    const born = performance.now();
    let listened = false;
    this.living.add(worker);
    void worker.listening.then((url) => {
      listened = true;
      if (this.started) this.log.info({ worker: worker.id, pid: worker.pid, url }, 'a worker took the place');
    });
    void worker.ended.then((end) => {
      this.living.delete(worker);
      if (this.closing || !(this.started || listened)) return;
      const wait = performance.now() - born < SOUND ? pause : FIRST_PAUSE;
      const which = { worker: worker.id, pid: worker.pid, ...end };
      this.log.warn({ ...which, pause: wait }, 'a worker ended: another takes its place');
      this.addAfter(wait);
    });
    return worker;
  }

  private addAfter(wait: number): void {
    const pause = setTimeout(() => {
      this.pauses.delete(pause);
      this.add(Math.min(2 * wait, LONGEST_PAUSE));
    }, wait);
    this.pauses.add(pause);
  }
}

function startFault({ code, signal, fault }: Ended): OperatorFault {
  return new OperatorFault(
    fault ?? `A worker ended before it listened (${signal ?? `exit code ${code}`}): see its log`,
  );
}
