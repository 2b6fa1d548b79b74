import type { Brand } from './brand.ts';
import { InvalidValue } from './domain-errors.ts';

/** A point in time: ISO 8601 text in UTC with microseconds, `2026-11-20T17:00:00.123456Z`. It sorts by time as text. */
export type Instant = Brand<string, 'Instant'>;

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** @throws InvalidValue unless the text has this form */
export function Instant(raw: string): Instant {
  if (!INSTANT.test(raw)) throw new InvalidValue('instant', 'must look like 2026-11-20T17:00:00.123456Z');
  return raw as Instant;
}

/** Whether a text is an instant of the calendar: `2026-02-30T…` only has its form. */
export function isInstant(raw: string): raw is Instant {
  const time = new Date(raw);
  return INSTANT.test(raw) && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(raw.slice(0, 19));
}
