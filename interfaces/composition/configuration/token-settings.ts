import * as v from 'valibot';
import { ALGORITHMS } from '../../../infrastructure/auth/public-keys.ts';
import type { TokenRules } from '../../../infrastructure/auth/token-rules.ts';
import type { ServerSettings } from './server-settings.ts';
import { requiredIf, type ShownSetting, wholeNumber } from './setting-schemas.ts';
import type { SignInSettings } from './sign-in-settings.ts';
import { claimName, httpUrl, names, publicKeys, secret } from './token-schemas.ts';

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
        JWT_USER_ID_CLAIM: v.optional(claimName, 'sub'),
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
export function describeAcceptedTokens({
  secret,
  keySet,
  signIn,
}: Pick<TokenSettings, 'secret' | 'keySet'> & SignInSettings): string {
  const kinds = secret === undefined ? [] : ['HS256 with the shared secret'];
  if (signIn !== undefined) kinds.push(`EdDSA of its own accounts (iss and aud ${signIn.publicUrl})`);
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
  BETTER_AUTH_SECRET:
    'is required in staging and production, unless BETTER_AUTH_URL, JWKS_URL or JWKS is set, or SIGN_IN is on',
  JWT_ISSUER: NAMES_REQUIRED,
  JWT_AUDIENCE: NAMES_REQUIRED,
};

/** Better Auth's routes are below the path of its base URL or, if that has none, below `/api/auth`. */
function keysUrl(betterAuthUrl: string): string {
  return new URL(betterAuthUrl).pathname === '/' ? `${betterAuthUrl}/api/auth/jwks` : `${betterAuthUrl}/jwks`;
}
