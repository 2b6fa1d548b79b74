import type { Clock } from '../../application/ports/clock.ts';
import { Instant } from '../../domain/instant.ts';

/** A clock that a test moves with `advance`. Each call of `now()` also moves it by a millisecond, so that no two instants are equal. */
export class TickingClock implements Clock {
  private elapsedMs = 0;

  /** @param startMs milliseconds since 1970; noon of a fixed day, unless given */
  constructor(private readonly startMs = Date.UTC(2026, 10, 20, 12)) {}

  advance(milliseconds: number): void {
    this.elapsedMs += milliseconds;
  }

  now(): Instant {
    this.advance(1);
    return Instant(new Date(this.epochMs()).toISOString().replace('Z', '000Z'));
  }

  epochMs(): number {
    return this.startMs + this.elapsedMs;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }
}
