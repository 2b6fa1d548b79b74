import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { ALGORITHMS, PublicKeys } from '../../../infrastructure/auth/public-keys.ts';
import { SECRET_MIN_BYTES, type TokenRules } from '../../../infrastructure/auth/token-rules.ts';
import { describeCause, errorCode } from '../../../infrastructure/error-code.ts';
import type { ServerSettings } from './server-settings.ts';
import { list, quote, requiredIf, type ShownSetting, text, unquoted, wholeNumber } from './setting-schemas.ts';

/** The default secret of Better Auth, which is public. */
const WELL_KNOWN_SECRET = 'better-auth-secret-12345678901234567890';
/** A claim name, of characters that can be quoted in a header. */
const CLAIM = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

export type TokenSettings = Readonly<v.InferOutput<ReturnType<typeof tokenSettings>>>;
export type KeySetSettings = NonNullable<TokenSettings['keySet']>;

/**
 * Reads which tokens are accepted.
 *
 * @param deployed whether a secret or a key set must be set
 * @param given the variables that are set; they decide which settings are required and which exclude each other
 */
export function tokenSettings(deployed: boolean, given: Readonly<Record<string, string>>) {
  const { BETTER_AUTH_URL: betterAuthUrl, JWKS_URL: jwksUrl, JWKS: jwks, JWT_USER_ID_CLAIM: claim = 'sub' } = given;
  const hasKeys = (betterAuthUrl ?? jwksUrl ?? jwks) !== undefined;
  const namesRequired = claim !== 'sub' || (hasKeys && betterAuthUrl === undefined);
  return v.pipe(
    v.object(
      {
        BETTER_AUTH_SECRET: requiredIf(deployed && !hasKeys, secret),
        BETTER_AUTH_URL: v.optional(
          v.pipe(
            httpUrl,
            v.check((url) => !url.includes('?'), 'must be an address without a query, such as https://app.example.com'),
          ),
        ),
        JWKS_URL: v.optional(
          v.pipe(
            httpUrl,
            v.check(() => jwks === undefined, 'and JWKS exclude each other: set one of the two'),
          ),
        ),
        JWKS: v.optional(publicKeys),
        JWT_ISSUER: requiredIf(namesRequired, names),
        JWT_AUDIENCE: requiredIf(namesRequired, names),
        JWT_CLOCK_TOLERANCE: v.optional(wholeNumber({ min: 0, max: 300, example: 5 }), '5'),
        JWT_USER_ID_CLAIM: v.optional(
          v.pipe(
            text,
            v.regex(CLAIM, ({ input }) => `must be the name of a claim, such as sub, but is ${quote(input)}`),
          ),
          'sub',
        ),
      },
      ({ path }) => REQUIRED[String(path?.[0].key)] ?? 'is required',
    ),
    v.transform((set) => {
      const { BETTER_AUTH_URL: betterAuthUrl, JWT_ISSUER: issuers, JWT_AUDIENCE: audiences } = set;
      const common = { clockTolerance: set.JWT_CLOCK_TOLERANCE, userIdClaim: set.JWT_USER_ID_CLAIM };
      const source = set.JWKS ?? set.JWKS_URL ?? (betterAuthUrl === undefined ? undefined : keysUrl(betterAuthUrl));
      // By default, Better Auth uses the origin of its base URL as issuer and audience.
      const origin = betterAuthUrl === undefined ? [] : [new URL(betterAuthUrl).origin];
      const tokenRules: TokenRules = { ...common, issuers: issuers ?? [], audiences: audiences ?? [] };
      const rules: TokenRules = { ...common, issuers: issuers ?? origin, audiences: audiences ?? origin };
      return {
        /** For tokens signed with HS256. `undefined` in dev: the secret that is generated in the data folder. */
        secret: set.BETTER_AUTH_SECRET,
        /** Where browsers find Better Auth. */
        betterAuthUrl,
        /** For tokens signed with HS256. */
        tokenRules,
        /** For tokens that Better Auth signs with its own keys: the public keys or their URL, and the rules. */
        keySet: source === undefined ? undefined : { source, rules },
      };
    }),
  );
}

/** Whether a text can be the secret: it is long enough and is not the default of Better Auth. */
export function isSecret(text: string): boolean {
  return Buffer.byteLength(text) >= SECRET_MIN_BYTES && text.trim() !== WELL_KNOWN_SECRET;
}

export function describeTokenSettings(
  settings: TokenSettings & Pick<ServerSettings, 'environment'>,
): readonly ShownSetting[] {
  const { secret, betterAuthUrl, keySet, tokenRules, environment } = settings;
  const hasSecret = secret !== undefined || environment === 'dev';
  const noSecret = environment === 'dev' ? '(kept in the data folder)' : '(none)';
  const describeNames = (field: 'issuers' | 'audiences') => {
    const ofSecret = tokenRules[field].join(',') || '(any)';
    const ofKeySet = keySet?.rules[field].join(',') ?? ofSecret;
    return hasSecret && ofSecret !== ofKeySet ? `${ofKeySet}; with the shared secret ${ofSecret}` : ofKeySet;
  };
  return [
    ['BETTER_AUTH_SECRET', secret === undefined ? noSecret : `******** (${secret.length} characters)`],
    ['BETTER_AUTH_URL', betterAuthUrl ?? '(none)'],
    ['JWKS_URL, JWKS', keySet === undefined ? '(none)' : describeKeySet(keySet)],
    ['JWT_ISSUER', describeNames('issuers')],
    ['JWT_AUDIENCE', describeNames('audiences')],
    ['JWT_CLOCK_TOLERANCE', `${tokenRules.clockTolerance} s`],
    ['JWT_USER_ID_CLAIM', tokenRules.userIdClaim],
  ];
}

/** Describes the kinds of tokens that the server accepts, for its log. */
export function describeAcceptedTokens({ secret, keySet }: Pick<TokenSettings, 'secret' | 'keySet'>): string {
  const kinds = secret === undefined ? [] : ['HS256 with the shared secret'];
  if (keySet !== undefined) {
    const { issuers, audiences } = keySet.rules;
    const rules = `iss ${issuers.join(' or ')}, aud ${audiences.join(' or ')}`;
    kinds.push(`${ALGORITHMS.join(', ')} with ${describeKeySet(keySet)} (${rules})`);
  }
  return kinds.join('; ');
}

/** Describes the source of the public keys. The query of a URL is removed, because it may contain a secret. */
export function describeKeySet({ source }: KeySetSettings): string {
  return typeof source === 'string' ? source.replace(/\?.*$/, '?…') : `${source.keys.length} keys, as configured`;
}

const NAMES_REQUIRED = 'is required with JWT_USER_ID_CLAIM, and with JWKS_URL or JWKS if BETTER_AUTH_URL is not set';

const REQUIRED: Readonly<Record<string, string>> = {
  BETTER_AUTH_SECRET: 'is required in staging and production, unless BETTER_AUTH_URL, JWKS_URL or JWKS is set',
  JWT_ISSUER: NAMES_REQUIRED,
  JWT_AUDIENCE: NAMES_REQUIRED,
};

const secret = v.pipe(
  text,
  v.check(isSecret, ({ input }) => {
    const received = input === WELL_KNOWN_SECRET ? 'is the default of Better Auth' : `has ${input.length} characters`;
    return `must be a secret of at least ${SECRET_MIN_BYTES} characters that only your frontend and this server know, such as openssl rand -base64 32 prints, but ${received}`;
  }),
);

/** An HTTP URL, without its trailing slash. */
const httpUrl = v.pipe(
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
const names = v.pipe(list, v.minLength(1, 'must be one or more names, separated by commas'));

/** A JSON Web Key Set (RFC 7517, section 5), or the path of a file that contains one. */
const publicKeys = v.pipe(
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

/** Better Auth's routes are below the path of its base URL or, if that has none, below `/api/auth`. */
function keysUrl(betterAuthUrl: string): string {
  return new URL(betterAuthUrl).pathname === '/' ? `${betterAuthUrl}/api/auth/jwks` : `${betterAuthUrl}/jwks`;
}
