import type { Clock } from '../../application/ports/clock.ts';
import { Instant } from '../../domain/instant.ts';

/** The system's time. */
export class SystemClock implements Clock {
  private lastMicros = 0;

  /** Each instant is later than the last one: within a millisecond, the microseconds count up. */
  now(): Instant {
    this.lastMicros = Math.max(Date.now() * 1_000, this.lastMicros + 1);
    const micros = String(this.lastMicros % 1_000).padStart(3, '0');
    return Instant(new Date(Math.floor(this.lastMicros / 1_000)).toISOString().replace('Z', `${micros}Z`));
  }

  epochMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }
}
