import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';

/** Whether this instance should get requests. */
export type Verdict =
  | { readonly ready: true /** What an operator should know nevertheless. */; readonly note?: string }
  | { readonly ready: false; readonly reason: string };

/** How long the check may take. */
const CHECK_TIMEOUT_MS = 2_000;
/** How long its result is reused, so that probes cause no load. */
const RESULT_LIFETIME_MS = 1_000;

/** Decides whether load balancers should send requests to this instance, and logs when the answer changes. */
export class Readiness {
  private phase: 'starting' | 'serving' | 'draining' = 'starting';
  private checking: Promise<Verdict> | undefined;
  private last: { readonly verdict: Verdict; readonly atMs: number } | undefined;
  private logged: Verdict = { ready: true };

  /** @param check asks what the requests depend on; a rejection means that it is out of reach */
  constructor(
    private readonly check: () => Promise<Verdict>,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly log: Pick<Logger, 'info' | 'warn'>,
  ) {}

  /** The start is complete. */
  beginServing(): void {
    this.phase = 'serving';
  }

  /** The server is about to stop. From now on it is not ready, although it still serves. */
  beginDraining(): void {
    this.phase = 'draining';
  }

  /** Never rejects. Concurrent callers share one check. */
  async verdict(): Promise<Verdict> {
    if (this.phase !== 'serving') return { ready: false, reason: `the server is ${this.phase}` };
    if (this.last && this.clock.monotonicMs() - this.last.atMs < RESULT_LIFETIME_MS) return this.last.verdict;
    this.checking ??= this.runCheck().finally(() => {
      this.checking = undefined;
    });
    return this.checking;
  }

  private async runCheck(): Promise<Verdict> {
    const outOfReach: Verdict = { ready: false, reason: 'the database is out of reach' };
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<Verdict>((resolve) => {
      timer = setTimeout(() => resolve(outOfReach), CHECK_TIMEOUT_MS);
    });
    const verdict = await Promise.race([this.check().catch(() => outOfReach), timeout]);
    clearTimeout(timer);
    this.last = { verdict, atMs: this.clock.monotonicMs() };
    this.logChange(verdict);
    return verdict;
  }

  private logChange(verdict: Verdict): void {
    const before = this.logged;
    this.logged = verdict;
    if (!verdict.ready) {
      if (before.ready || before.reason !== verdict.reason) this.log.warn({ reason: verdict.reason }, 'not ready');
      return;
    }
    if (!before.ready) this.log.info('ready again');
    if (verdict.note !== undefined && !(before.ready && before.note === verdict.note)) this.log.warn(verdict.note);
  }
}
