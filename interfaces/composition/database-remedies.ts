import type pg from 'pg';
import { describeCause, errorCode } from '../../infrastructure/error-code.ts';

/** What to do about an error of a connection: by SQLSTATE, by the code of Node.js, or by the words of pg. */
const REMEDIES: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/^28P01$/, 'correct the password in the connection string'],
  [/^28000$/, 'correct the role in the connection string, or allow its address and its use of TLS in pg_hba.conf'],
  [/^3D000$/, 'create the database, or correct its name in the connection string'],
  [/^42501$/, 'grant the role what it lacks: run the SQL that taskwell migrate --roles prints'],
  [/^53300$/, 'end other sessions, or lower DATABASE_POOL_SIZE and WORKERS'],
  [/^57P03$/, 'wait until the server has started'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'correct the host in the connection string, or the name server'],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/, 'start the server, or correct host and port'],
  [/does not support SSL/, 'enable TLS on the server; use sslmode=disable only in a network that you trust'],
  [/client password must be a string/, 'put the password into the connection string'],
  [
    /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS)/,
    'correct the host name, or name the authority of the certificate with sslrootcert',
  ],
  [/timeout expired|Connection terminated/, 'start the server, or allow connections to it in the firewall'],
];

/** One sentence about a database that cannot be reached or used, with what to do. */
export function explainDatabaseError(cause: unknown): string {
  const where = 'The connection string is DATABASE_URL or MIGRATION_DATABASE_URL';
  return `The database is out of reach (${describeCause(cause)}): ${remedyFor(cause) ?? 'start it'}. ${where}`;
}

/** One sentence about a statement that the database refused to this role, with what to do. */
export function explainRefusedStatement(error: pg.DatabaseError): string {
  const remedy = remedyFor(error);
  return `The database refused a statement (${describeCause(error)})${remedy === undefined ? '' : `: ${remedy}`}`;
}

function remedyFor(cause: unknown): string | undefined {
  const code = errorCode(cause) ?? '';
  const message = cause instanceof Error ? cause.message : '';
  return REMEDIES.find(([pattern]) => pattern.test(code) || pattern.test(message))?.[1];
}
