import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';

/** How often an overload that lasts is logged. */
const INTERVAL_MS = 10_000;

/** Logs that requests are refused, with one line for many of them. */
export class OverloadLog {
  private refused = 0;
  private loggedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly log: Pick<Logger, 'warn'>,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {}

  /** @param reasons what the overload consists of */
  countRefusal(reasons: Readonly<Record<string, number>>): void {
    this.refused += 1;
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.loggedAtMs < INTERVAL_MS) return;
    this.log.warn({ refused: this.refused, ...reasons }, 'overloaded');
    this.loggedAtMs = nowMs;
    this.refused = 0;
  }
}
