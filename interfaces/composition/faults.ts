import { Unavailable } from '../../application/errors.ts';
import { InvalidValue } from '../../domain/errors.ts';
import { EmbeddedPostgresUnavailable } from '../../infrastructure/embedded-postgres/embedded-postgres-unavailable.ts';
import { errorCode } from '../../infrastructure/error-code.ts';
import { UserLinkRefused } from '../../infrastructure/postgres/migrations/user-link-refused.ts';
import { ConfigurationInvalid } from './configuration/configuration.ts';
import { reason } from './reason.ts';

/** EX_CONFIG of sysexits.h. */
const EX_CONFIG = 78;

/** A fault that the operator can mend, in words that say how. */
export class OperatorFault extends Error {
  override readonly name = 'OperatorFault';
}

const FOR_THE_OPERATOR = [OperatorFault, EmbeddedPostgresUnavailable, UserLinkRefused, InvalidValue] as const;

/** What to print for a fault, and the exit code. A bug keeps its stack. */
export function explained(error: unknown): { text: string; exitCode: number } {
  if (error instanceof ConfigurationInvalid) {
    return {
      text: `The configuration is not usable:\n${error.faults.map((fault) => `  ${fault}`).join('\n')}`,
      exitCode: EX_CONFIG,
    };
  }
  if (FOR_THE_OPERATOR.some((fault) => error instanceof fault) && error instanceof Error) {
    return { text: error.message, exitCode: 1 };
  }
  if (error instanceof Unavailable) {
    return {
      text: `The database is out of reach (${reason(error.cause)}): start it, or correct DATABASE_URL`,
      exitCode: 1,
    };
  }
  return { text: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: 1 };
}

/** Why a listening socket could not be had. */
export function listenFault(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const code = errorCode(error);
  if (code === 'EADDRINUSE') {
    return new OperatorFault(`Port ${port} on ${host} is in use: stop what listens there, or set PORT to another one`);
  }
  if (code === 'EACCES') {
    return new OperatorFault(`Port ${port} is not for this user to open: set PORT to one from 1024 on`);
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new OperatorFault(`${host} is no address of this machine: set HOST to one, such as 127.0.0.1 or 0.0.0.0`);
  }
  return error;
}
