import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { PublicKeys } from '../../../infrastructure/auth/public-keys.ts';
import { SECRET_MIN_BYTES } from '../../../infrastructure/auth/token-rules.ts';
import { describeCause, errorCode } from '../../../infrastructure/error-code.ts';
import { list, quote, text, unquoted } from './setting-schemas.ts';

/** The default secret of Better Auth, which is public. */
const WELL_KNOWN_SECRET = 'better-auth-secret-12345678901234567890';
/** A claim name, of characters that can be quoted in a header. */
const CLAIM = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

/** Whether a text can be the secret: it is long enough and is not the default of Better Auth. */
export function isSecret(text: string): boolean {
  return Buffer.byteLength(text) >= SECRET_MIN_BYTES && text.trim() !== WELL_KNOWN_SECRET;
}

/** A secret that is long enough and not public. */
export const secret = v.pipe(
  text,
  v.check(isSecret, ({ input }) => {
    const received = input === WELL_KNOWN_SECRET ? 'is the default of Better Auth' : `has ${input.length} characters`;
    return `must be a secret of at least ${SECRET_MIN_BYTES} characters that only your frontend and this server know, such as openssl rand -base64 32 prints, but ${received}`;
  }),
);

/** An HTTP URL, without its trailing slash. */
export const httpUrl = v.pipe(
  text,
  v.check(
    (url) => {
      if (!URL.canParse(url)) return false;
      const { protocol, username, password, hash } = new URL(url);
      return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
    },
    ({ input }) =>
      `must look like https://app.example.com, without a user, a password or a fragment in it, but ${showUrl(input)}`,
  ),
  v.transform((url) => url.replace(/\/+$/, '')),
);

/** What may be shown of a text that should be a URL: credentials, a query or a fragment may be a secret. */
function showUrl(url: string): string {
  return /[@?#]/.test(url) ? `has ${url.length} characters that are not shown` : `is ${quote(url)}`;
}

/** The accepted values of `iss` or `aud`. */
export const names = v.pipe(
  list,
  v.minLength(1, 'must be one or more names, separated by commas, such as https://app.example.com'),
);

/** A JSON Web Key Set (RFC 7517, section 5), or the path of a file that contains one. */
export const publicKeys = v.pipe(
  unquoted,
  v.rawTransform<string, PublicKeys>(({ dataset, addIssue, NEVER }) => {
    try {
      const { value } = dataset;
      return PublicKeys.parse(value.trim().startsWith('{') ? value : readFileSync(value, 'utf8'));
    } catch (error) {
      // The message of a file error quotes the path, and a value that is not a path may be a private key.
      const reason = errorCode(error) ?? describeCause(error);
      addIssue({ message: `must be a JSON Web Key Set with public keys, or the path of a file with one (${reason})` });
      return NEVER;
    }
  }),
);

/** The name of a claim. */
export const claimName = v.pipe(
  text,
  v.regex(CLAIM, ({ input }) => `must be the name of a claim, such as sub, but is ${quote(input)}`),
);
