import type { Brand } from './brand.ts';
import { InvalidValue } from './domain-errors.ts';

/** A password that a user chose. */
export type Password = Brand<string, 'Password'>;

/** The length of a password in UTF-16 code units, as Better Auth counts it. */
export const PASSWORD_MIN = 8;
export const PASSWORD_MAX = 128;

/** @throws InvalidValue if it is too short or too long */
export function Password(raw: string): Password {
  if (raw.length < PASSWORD_MIN || raw.length > PASSWORD_MAX) {
    throw new InvalidValue('password', `must be ${PASSWORD_MIN} to ${PASSWORD_MAX} characters`);
  }
  return raw as Password;
}
