import type { Instant } from '../../../domain/instant.ts';

const MICROS_PER_MS = 1_000n;
const END_OF_SECONDS = 19;

/** Converts an instant to microseconds since 1970, as text. A number would lose microseconds after the year 2255. */
export function microsFromInstant(instant: Instant): string {
  const ms = Date.parse(`${instant.slice(0, END_OF_SECONDS)}Z`);
  return String(BigInt(ms) * MICROS_PER_MS + BigInt(instant.slice(END_OF_SECONDS + 1, -1)));
}
