import type { Brand } from './brand.ts';
import { InvalidValue } from './domain-errors.ts';
import { checkText } from './text.ts';

/** A password that a user chose. */
export type Password = Brand<string, 'Password'>;

/** The length of a password, in code points. */
export const PASSWORD_MIN = 8;
export const PASSWORD_MAX = 128;

/** @throws InvalidValue if it is too short, too long, or not well-formed text */
export function Password(raw: string): Password {
  checkText('password', raw, { min: PASSWORD_MIN, max: PASSWORD_MAX });
  // Better Auth counts UTF-16 code units, and takes no more of those either.
  if (raw.length > PASSWORD_MAX)
    throw new InvalidValue('password', `must be at most ${PASSWORD_MAX} UTF-16 code units`);
  return raw as Password;
}
