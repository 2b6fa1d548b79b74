import type { Clock } from '../../application/ports/clock.ts';
import { Instant } from '../../domain/instant.ts';

/** Begins at noon and goes on by a millisecond each time somebody looks. */
export class TickingClock implements Clock {
  private ticks = 0;

  now(): Instant {
    this.ticks += 1;
    return Instant(new Date(Date.UTC(2026, 10, 20, 12) + this.ticks).toISOString().replace('Z', '000Z'));
  }
}
