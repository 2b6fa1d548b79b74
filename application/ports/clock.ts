import type { Instant } from '../../domain/instant.ts';

/** The time. Code that stores, shows or compares it reads it here, so that tests can set it. */
export interface Clock {
  /** The current time as a value that is stored and shown. */
  now(): Instant;
  /** The current time in milliseconds since 1970-01-01T00:00:00Z. It jumps when the system time is corrected. */
  epochMs(): number;
  /** Milliseconds since an arbitrary start, with fractions, for durations and deadlines. It never goes back. */
  monotonicMs(): number;
}
