import pg from 'pg';
import { Unavailable } from '../../../application/application-errors.ts';
import { errorCode } from '../../error-code.ts';

const RETRY_AFTER_SECONDS = 2;

/**
 * SQLSTATEs and classes (PostgreSQL, appendix A) that describe the state of the server rather than the statement: 08
 * connection, 22012 the missed deadline of a group (see `groupSettings`), 25006 read-only after a failover, 28 and 3D
 * missing role or database, 40001 and 40P01 serialization failure or deadlock, 53 out of connections, memory or disk,
 * 55P03 and 57 locked, cancelled, starting or stopping, 58 system error.
 */
const SERVER_STATE = /^(08|22012|25006|28|3D|40001|40P01|53|55P03|57|58)/;

/** Messages of the errors without a code that pg throws when it has no connection or loses one. */
const CONNECTION_LOST =
  /^(timeout expired|Connection terminated|Query read timeout|Client (has encountered a connection error|was closed))/;

/** Turns a transient error into `Unavailable`; returns any other error unchanged. */
export function toUnavailable(error: unknown): unknown {
  return isTransient(error) ? databaseUnavailable(error) : error;
}

export function databaseUnavailable(cause?: unknown): Unavailable {
  return new Unavailable('The database is out of reach at the moment, try again', RETRY_AFTER_SECONDS, { cause });
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof TypeError) return false;
  if (error instanceof pg.DatabaseError) return SERVER_STATE.test(error.code ?? '');
  // Node's errors of sockets, DNS and TLS carry a code; a bug does not.
  return errorCode(error) !== undefined || CONNECTION_LOST.test(error.message);
}
