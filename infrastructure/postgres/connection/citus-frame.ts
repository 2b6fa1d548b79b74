import pg from 'pg';
import type { GroupFrame } from './group-frame.ts';
import type { GroupContext, GroupLimits } from './group-limits.ts';
import type { BoundStatement, Statement } from './statement.ts';

/** Makes Citus pass `SET LOCAL` on to the shards of the transaction. PostgreSQL accepts it without effect. */
export const CITUS_OPTIONS = '-c citus.propagate_set_commands=local';

/**
 * The frame of a group on Citus. `set_config` does not reach the shards there, but `SET LOCAL` does, and it needs an
 * explicit transaction. PostgreSQL runs this frame with the same effect.
 *
 * ROLLBACK ends the transaction of an earlier group that failed before its COMMIT. Without such a transaction it does
 * nothing.
 */
export function citusFrame({ user, reads }: GroupContext, limits: GroupLimits): GroupFrame {
  const settings = [
    setLocal('app.user_id', pg.escapeLiteral(user)),
    setLocal('statement_timeout', String(limits.statementTimeoutMs)),
  ];
  if (!reads) {
    settings.push(setLocal('lock_timeout', String(limits.lockTimeoutMs)), {
      statement: CHECK_DEADLINE,
      values: [limits.deadlineMs],
    });
  }
  return { before: [ROLLBACK, BEGIN, ...settings], after: [COMMIT] };
}

/** SET takes no parameters, so each value makes another statement, which is not worth preparing. */
function setLocal(name: string, literal: string): BoundStatement {
  return { statement: { name: '', text: `set local ${name} = ${literal}` }, values: [] };
}

const ROLLBACK: BoundStatement = { statement: { name: 'taskwell_rollback', text: 'rollback' }, values: [] };
const BEGIN: BoundStatement = { statement: { name: 'taskwell_begin', text: 'begin' }, values: [] };

/**
 * If a worker does not confirm the commit, Citus only warns, and the rows may be lost. A write must not be acknowledged
 * then.
 */
const COMMIT: BoundStatement = {
  statement: { name: 'taskwell_commit', text: 'commit', failsOnWarning: true },
  values: [],
};

const CHECK_DEADLINE: Statement = {
  name: 'taskwell_check_deadline',
  text: 'select 1 / (extract(epoch from clock_timestamp()) * 1000 < $1::float8)::int',
};
