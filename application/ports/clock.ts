import type { Instant } from '../../domain/instant.ts';

/** The time. Code reads it only from here, so that tests can set it. */
export interface Clock {
  /** The current time as a value that is stored and shown. */
  now(): Instant;
  /** The current time in milliseconds since 1970-01-01T00:00:00Z. It jumps when the system time is corrected. */
  epochMs(): number;
  /** Milliseconds since an arbitrary start, for durations and deadlines. It never goes back. */
  monotonicMs(): number;
}
