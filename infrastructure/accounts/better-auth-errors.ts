import { isAPIError } from 'better-auth/api';
import { CredentialsInvalid, EmailTaken, Unavailable } from '../../application/application-errors.ts';
import { InvalidValue } from '../../domain/domain-errors.ts';
import { toRefusal } from '../postgres/connection/database-errors.ts';

/** Errors that Better Auth throws if the database failed, although their status blames the request. */
const OUTAGES: readonly string[] = ['FAILED_TO_CREATE_USER', 'FAILED_TO_CREATE_SESSION'];

const RETRY_AFTER_SECONDS = 2;

/**
 * Returns `Unavailable` for an error of Better Auth or below it that is not the fault of the request, or the error itself
 * if it is a bug. Returns `undefined` for a refusal of the request.
 */
export function asOutage(error: unknown): unknown {
  if (!isAPIError(error)) return toRefusal(error);
  if (error.statusCode < 500 && !OUTAGES.includes(error.body?.code ?? '')) return undefined;
  return accountsUnavailable(error);
}

export function accountsUnavailable(cause?: unknown): Unavailable {
  return new Unavailable('The accounts are out of reach at the moment, try again', RETRY_AFTER_SECONDS, { cause });
}

/** Throws an error of Better Auth as one of the application. Its code says what is wrong. */
export function throwOurs(error: unknown): never {
  const outage = asOutage(error);
  if (outage !== undefined) throw outage;
  const code = isAPIError(error) ? error.body?.code : undefined;
  if (code === 'INVALID_EMAIL_OR_PASSWORD') throw new CredentialsInvalid();
  if (code === 'USER_ALREADY_EXISTS' || code === 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL') throw new EmailTaken();
  // An address that it refuses belongs to nobody, as far as a sign-in is concerned.
  if (code === 'INVALID_EMAIL') throw new InvalidValue('email', 'must be an e-mail address, such as ann@example.com');
  throw error;
}
