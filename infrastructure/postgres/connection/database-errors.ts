import pg from 'pg';
import { Misconfigured, Unavailable } from '../../../application/application-errors.ts';
import { errorCode } from '../../error-code.ts';

const RETRY_AFTER_SECONDS = 2;

/**
 * SQLSTATEs and classes (PostgreSQL, appendix A) that describe the state of the server rather than the statement: 08
 * connection, 22012 the missed deadline of a group (see `frameGroup`), 25006 read-only after a failover, 28 and 3D
 * missing role or database, 40001 and 40P01 serialization failure or deadlock, 53 out of connections, memory or disk,
 * 55000 closed to connections, 55P03 and 57 locked, cancelled, starting or stopping, 58 system error.
 */
const SERVER_STATE = /^(08|22012|25006|28|3D|40001|40003|40P01|53|55000|55P03|57|58)/;

/** 3F000 a missing schema; 42703, 42704, 42883 and 42P01 a missing column, type, function or table. */
const MISSING = /^(3F000|42703|42704|42883|42P01)/;

/** Messages of the errors without a code that pg throws when it has no connection or loses one. */
const CONNECTION_LOST =
  /^(timeout expired|timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client (has encountered a connection error|was closed)|The server does not support SSL|There was an error establishing an SSL|SASL: )/;

/** 08 connection (a pooler lost its own), 40003 statement_completion_unknown, 57P02 crash_shutdown. */
const UNCONFIRMED = /^(08|40003|57P02)/;

/** The answer to a write was lost, or did not come in time. The database may have applied the write. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost';
}

/** Returns an error of a write that was sent. It becomes `AnswerLost` unless the database said that the write failed. */
export function unconfirmed(error: unknown): unknown {
  const failed = error instanceof pg.DatabaseError && !UNCONFIRMED.test(error.code ?? '');
  return failed ? error : new AnswerLost('No answer to a write', { cause: error });
}

/** Turns an error that goes away into `Unavailable`; returns any other error unchanged. */
export function toUnavailable(error: unknown): unknown {
  if (error instanceof AnswerLost) return new Unavailable(MAYBE_APPLIED, RETRY_AFTER_SECONDS, { cause: error.cause });
  return isTransient(error) ? databaseUnavailable(error) : error;
}

/** The same for a request, which also cannot go on while something is missing in the database: `Misconfigured`. */
export function toRefusal(error: unknown): unknown {
  return isSetup(error) ? new Misconfigured(OUT_OF_REACH, RETRY_AFTER_SECONDS, { cause: error }) : toUnavailable(error);
}

export function databaseUnavailable(cause?: unknown): Unavailable {
  return new Unavailable(OUT_OF_REACH, RETRY_AFTER_SECONDS, { cause });
}

/** The SQLSTATE of an error of the database, also of one that was turned into a refusal. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof pg.DatabaseError) return error.code;
  return error instanceof Unavailable ? sqlState(error.cause) : undefined;
}

const OUT_OF_REACH = 'The database is out of reach at the moment, try again';
const MAYBE_APPLIED =
  'The database did not confirm the change. Check whether it was applied before you try again. A create with an Idempotency-Key is safe to repeat';

function isTransient(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof TypeError) return false;
  if (error instanceof pg.DatabaseError) return SERVER_STATE.test(error.code ?? '');
  // Node's errors of sockets, DNS and TLS carry a code; a bug does not.
  return errorCode(error) !== undefined || CONNECTION_LOST.test(error.message);
}

/**
 * Whether something is missing in the database, or the role lacks a privilege. 42501 is also the code of a row that a
 * policy refuses, which is a bug; the routine of PostgreSQL that reports the error tells them apart.
 */
function isSetup(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  return MISSING.test(error.code ?? '') || (error.code === '42501' && error.routine === 'aclcheck_error');
}
