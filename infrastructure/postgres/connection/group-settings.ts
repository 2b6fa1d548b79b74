import type { BoundStatement, Statement } from './statement.ts';

/** How long a group of statements may take. */
export interface GroupContext {
  /** Whether every statement of the group only reads. */
  readonly reads: boolean;
  /** How many statements the group has. */
  readonly statements: number;
  /** When the caller began to wait, by the monotonic clock. */
  readonly startedAtMs: number;
  /** How long the caller waits for the group, in milliseconds. */
  readonly timeoutMs: number;
}

/** Shares of the caller's timeout. What is left over is for the commit and the way back. */
const START_SHARE = 0.5;
const WRITE_SHARE = 0.4;
const READ_SHARE = 0.8;
/** A lock that another transaction holds for longer is not worth the wait: other callers queue behind this group. */
const LOCK_SHARE = 0.2;

/** Settings that last until the end of the transaction, so they pass through a pooler in transaction mode. */
const READ_SETTINGS: Statement = {
  name: 'taskwell_read_settings',
  text: `select set_config('statement_timeout', $1, true)`,
  reads: true,
};

/** A division by zero (22012) refuses the group once its deadline is over. */
const WRITE_SETTINGS: Statement = {
  name: 'taskwell_write_settings',
  text: `
    select set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true),
      1 / (extract(epoch from clock_timestamp()) * 1000 < $3::float8)::int`,
};

/** 22012 division_by_zero: the group reached the database after its deadline. */
export const DEADLINE_MISSED = '22012';

/**
 * The first statement of each group. It makes the database give up before the caller does: a write that the caller has
 * refused must not be applied later, even if it waits in the buffers of a database that is frozen or locked.
 *
 * @param databaseOffsetMs the database's time, in milliseconds since 1970, minus the monotonic time
 */
export function groupSettings(
  { reads, statements, startedAtMs, timeoutMs }: GroupContext,
  databaseOffsetMs: number,
): BoundStatement {
  if (reads) return { statement: READ_SETTINGS, values: [milliseconds(timeoutMs * READ_SHARE)] };
  const perStatement = (timeoutMs * WRITE_SHARE) / statements;
  const lockTimeout = Math.min(perStatement, timeoutMs * LOCK_SHARE);
  const deadline = startedAtMs + databaseOffsetMs + timeoutMs * START_SHARE;
  return {
    statement: WRITE_SETTINGS,
    values: [milliseconds(perStatement), milliseconds(lockTimeout), deadline],
  };
}

/** PostgreSQL reads a number without a unit as milliseconds; 0 would be no limit. */
function milliseconds(duration: number): string {
  return String(Math.max(1, Math.round(duration)));
}
