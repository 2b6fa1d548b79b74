import type { Clock } from '../../application/ports/clock.ts';
import { Instant } from '../../domain/instant.ts';

/** The system's time. `now()` has a resolution of one millisecond. */
export class SystemClock implements Clock {
  now(): Instant {
    return Instant(new Date().toISOString().replace('Z', '000Z'));
  }

  epochMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }
}
