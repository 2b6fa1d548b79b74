import type { Brand } from './brand.ts';
import { InvalidValue } from './domain-errors.ts';

/** An e-mail address in lower case. Two addresses that differ only in letter case are the same account. */
export type Email = Brand<string, 'Email'>;

/** The longest address that can receive mail (RFC 5321, section 4.5.3.1.3), in characters. */
export const EMAIL_MAX = 254;

/** Letters, digits and a few signs, without dots at the ends or in a row; then a domain of at least two labels. */
const EMAIL = /^[a-z0-9_+-]+(?:['.a-z0-9_+-]*[a-z0-9_+-])?@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/;

/** @throws InvalidValue unless the text looks like an address, without white space around it */
export function Email(raw: string): Email {
  const email = raw.toLowerCase();
  if (raw.length > EMAIL_MAX || !EMAIL.test(email) || email.includes('..')) {
    throw new InvalidValue('email', 'must be an e-mail address, such as ann@example.com');
  }
  return email as Email;
}
