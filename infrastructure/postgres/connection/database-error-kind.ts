import pg from 'pg';
import { Unavailable } from '../../../application/application-errors.ts';
import { DEADLINE_MISSED } from './group-frame.ts';

export const DATABASE_ERROR_KINDS = ['connection', 'timeout', 'conflict', 'resources', 'constraint', 'other'] as const;

/** What an error of the database means to an operator. */
export type DatabaseErrorKind = (typeof DATABASE_ERROR_KINDS)[number];

/** SQLSTATEs and classes (PostgreSQL, appendix A), in the order in which they are tried. */
const SQLSTATES: readonly (readonly [RegExp, DatabaseErrorKind])[] = [
  // the deadline of a write, 57014 query_canceled, 55P03 lock_not_available, 57P05 idle_session_timeout, 25P03 and 25P04 transaction timeouts
  [new RegExp(`^(${DEADLINE_MISSED}|57014|55P03|57P05|25P0[34])`), 'timeout'],
  // 40 serialization failures and deadlocks
  [/^40/, 'conflict'],
  // 53 out of connections, memory or disk
  [/^53/, 'resources'],
  // 08 connection, 25006 read-only, 28 and 3D missing role or database, 57P shutdown and start, 58 system error
  [/^(08|25006|28|3D|57P|58)/, 'connection'],
  [/^23/, 'constraint'],
];

/** Errors without a SQLSTATE come from the connection: pg's own by their message, those of sockets by their code. */
const TIMED_OUT = /timeout|ETIMEDOUT/i;

/** Sorts an error that pg threw. Its message and details are not part of the kind: they can quote what users wrote. */
export function databaseErrorKind(error: unknown): DatabaseErrorKind {
  if (error instanceof Unavailable) return 'timeout'; // given up here, without an answer of the database
  if (error instanceof pg.DatabaseError) {
    const sqlState = error.code ?? '';
    return SQLSTATES.find(([pattern]) => pattern.test(sqlState))?.[1] ?? 'other';
  }
  if (!(error instanceof Error) || error instanceof TypeError) return 'other';
  return TIMED_OUT.test(`${'code' in error ? error.code : ''} ${error.message}`) ? 'timeout' : 'connection';
}
