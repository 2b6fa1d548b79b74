import { citusFrame } from './citus-frame.ts';
import { type GroupContext, groupLimits } from './group-limits.ts';
import type { BoundStatement, Statement } from './statement.ts';

/** What runs the statements: PostgreSQL, or its extension Citus with the tables distributed by user. */
export type DatabaseEngine = 'postgresql' | 'citus';

/** The statements that run before and after a group, in its transaction. */
export interface GroupFrame {
  readonly before: readonly BoundStatement[];
  readonly after: readonly BoundStatement[];
}

/**
 * Frames each group. It tells the database who the user is: the policies of row-level security show only the rows of
 * `app.user_id`. One statement names its users itself: see position-statements.ts.
 *
 * The frame also limits how long the group may take: a write that the caller has refused must not be applied later, even
 * if it waits in the buffers of a database that is frozen or locked.
 *
 * All settings last until the end of the transaction, so they pass through a pooler in transaction mode.
 *
 * @param databaseOffsetMs the database's time, in milliseconds since 1970, minus the monotonic time
 */
export function frameGroup(engine: DatabaseEngine, context: GroupContext, databaseOffsetMs: number): GroupFrame {
  const limits = groupLimits(context, databaseOffsetMs);
  if (engine === 'citus') return citusFrame(context, limits);
  const { statementTimeoutMs, lockTimeoutMs, deadlineMs } = limits;
  const settings: BoundStatement = context.reads
    ? { statement: READ_SETTINGS, values: [context.user, statementTimeoutMs] }
    : { statement: WRITE_SETTINGS, values: [context.user, statementTimeoutMs, lockTimeoutMs, deadlineMs] };
  return { before: [settings], after: [] };
}

/** PostgreSQL reads a number without a unit as milliseconds. */
const READ_SETTINGS: Statement = {
  name: 'taskwell_read_settings',
  text: `select set_config('app.user_id', $1, true), set_config('statement_timeout', $2, true)`,
  reads: true,
};

/** A division by zero (22012) refuses the group once its deadline is over. */
const WRITE_SETTINGS: Statement = {
  name: 'taskwell_write_settings',
  text: `
    select set_config('app.user_id', $1, true),
      set_config('statement_timeout', $2, true), set_config('lock_timeout', $3, true),
      1 / (extract(epoch from clock_timestamp()) * 1000 < $4::float8)::int`,
};

/** 22012 division_by_zero: the group reached the database after its deadline. */
export const DEADLINE_MISSED = '22012';
