import pg from 'pg';
import { Unavailable } from '../../../application/errors.ts';
import { errorCode } from '../../error-code.ts';

/** Seconds after which a client may ask again. */
const RETRY_AFTER = 2;

/**
 * SQLSTATEs and classes (PostgreSQL, appendix A) that say something of the server's condition, not of the statement:
 * 08 connection, 25006 read-only after a failover, 28 and 3D a role or database that went away, 40001 and 40P01 lost
 * a conflict, 53 out of connections, memory or disk, 55P03 and 57 locked, cancelled, starting or stopping, 58 the system.
 */
const CONDITION = /^(08|25006|28|3D|40001|40P01|53|55P03|57|58)/;

/** What pg itself throws, without a code, when it has no connection or loses one. */
const CONNECTION =
  /^(timeout expired|Connection terminated|Query read timeout|Client (has encountered a connection error|was closed))/;

/** `Unavailable` for every fault that may be over a moment later; any other error as it is. */
export function asUnavailable(error: unknown): unknown {
  return isUnavailable(error)
    ? new Unavailable('The database is out of reach at the moment, try again', RETRY_AFTER, { cause: error })
    : error;
}

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof TypeError) return false;
  if (error instanceof pg.DatabaseError) return CONDITION.test(error.code ?? '');
  // Node's own errors of sockets, name look-ups and TLS all carry a code; a bug does not.
  return errorCode(error) !== undefined || CONNECTION.test(error.message);
}
