/** Who runs a group of statements, and how long it may take. */
export interface GroupContext {
  /** The user whose rows the group may see; '' for none. */
  readonly user: string;
  /** Whether every statement of the group only reads. */
  readonly reads: boolean;
  /** How many statements the group has. */
  readonly statements: number;
  /** When the caller began to wait, by the monotonic clock. */
  readonly startedAtMs: number;
  /** How long the caller waits for the group, in milliseconds. */
  readonly timeoutMs: number;
}

/** The limits that make the database give up before the caller does. */
export interface GroupLimits {
  /** How long one statement may take, in whole milliseconds. */
  readonly statementTimeoutMs: number;
  /** How long one statement may wait for a lock, in whole milliseconds. */
  readonly lockTimeoutMs: number;
  /** When the group must have begun, in milliseconds since 1970 by the clock of the database. */
  readonly deadlineMs: number;
}

/** Shares of the caller's timeout. What is left over is for the commit and the way back. */
const START_SHARE = 0.5;
const WRITE_SHARE = 0.4;
const READ_SHARE = 0.8;
/** A lock that another transaction holds for longer is not worth the wait: other callers queue behind this group. */
const LOCK_SHARE = 0.2;

/** @param databaseOffsetMs the database's time, in milliseconds since 1970, minus the monotonic time */
export function groupLimits(
  { reads, statements, startedAtMs, timeoutMs }: GroupContext,
  databaseOffsetMs: number,
): GroupLimits {
  const statementTimeoutMs = atLeastOne((timeoutMs * (reads ? READ_SHARE : WRITE_SHARE)) / statements);
  return {
    statementTimeoutMs,
    lockTimeoutMs: Math.min(statementTimeoutMs, atLeastOne(timeoutMs * LOCK_SHARE)),
    deadlineMs: startedAtMs + databaseOffsetMs + timeoutMs * START_SHARE,
  };
}

/** To PostgreSQL, 0 would be no limit. */
function atLeastOne(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds));
}
