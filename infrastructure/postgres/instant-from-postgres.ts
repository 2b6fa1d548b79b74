import { Instant } from '../../domain/instant.ts';

/**
 * PostgreSQL's text form of a timestamptz, `2026-11-20 17:00:00.1234+00`, as an instant. By slices: a `Date` would
 * lose the microseconds, and making one of every timestamp takes longer than all the rest of a list.
 */
export function instantFromPostgres(text: string): Instant {
  if (!text.endsWith('+00')) return inUtc(text);
  return Instant(`${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(6, '0')}Z`);
}

/** The same for a session in another time zone, as some poolers leave it. */
function inUtc(text: string): Instant {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-]\d\d)(?::(\d\d))?$/.exec(text);
  if (parts === null) throw new Error('the database session must have DateStyle ISO');
  const [, date, time, fraction = '', hours, minutes = '00'] = parts;
  const seconds = new Date(`${date}T${time}${hours}:${minutes}`).toISOString().slice(0, 19);
  return Instant(`${seconds}.${fraction.padEnd(6, '0')}Z`);
}
