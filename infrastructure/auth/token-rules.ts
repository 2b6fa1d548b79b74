import { Unauthenticated } from '../../application/errors.ts';
import { UserId } from '../../domain/user-id.ts';

/** What a token must say, besides having a valid signature. */
export interface TokenRules {
  /** `iss` must be one of these. An empty list accepts any issuer, and none. A trailing slash makes no difference. */
  readonly issuers: readonly string[];
  /** `aud` must contain one of these, by the same rules. */
  readonly audiences: readonly string[];
  /** Seconds by which the clocks of the issuer and of this server may differ. */
  readonly clockTolerance: number;
  /** The claim that names the user: `sub`, unless configured otherwise. */
  readonly userIdClaim: string;
}

/** The shortest secret, in bytes: as long as the hash of HS256 (RFC 7518, section 3.2). */
export const SECRET_MIN_BYTES = 32;

/** Default of `TokenRules.clockTolerance`, in seconds. */
export const CLOCK_TOLERANCE_SECONDS = 5;

export const DEFAULT_RULES: TokenRules = {
  issuers: [],
  audiences: [],
  clockTolerance: CLOCK_TOLERANCE_SECONDS,
  userIdClaim: 'sub',
};

/** The longest time between `iat` and `exp`, in seconds: 30 days. */
export const LIFETIME_MAX_SECONDS = 30 * 24 * 60 * 60;

/**
 * Checks what the libraries accept although it is missing or absurd. The signature, `exp`, `nbf`, `iss` and `aud` must
 * have been verified before.
 *
 * @param nowMs milliseconds since 1970
 * @returns the user whom the claims name
 * @throws Unauthenticated for a missing `exp`, an `iat` in the future, a lifetime of more than 30 days, or no user id
 */
export function checkClaims(claims: Readonly<Record<string, unknown>>, rules: TokenRules, nowMs: number): UserId {
  const now = nowMs / 1000;
  const { exp, iat = now } = claims;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) throw new Unauthenticated('the token has no expiry (exp)');
  if (typeof iat !== 'number' || !(iat <= now + rules.clockTolerance)) {
    throw new Unauthenticated('the token was issued in the future (iat)');
  }
  if (exp - iat > LIFETIME_MAX_SECONDS) throw new Unauthenticated('the token lives longer than 30 days');
  return readUserId(claims, rules);
}

function readUserId(claims: Readonly<Record<string, unknown>>, { userIdClaim }: TokenRules): UserId {
  const claim = claims[userIdClaim];
  try {
    if (typeof claim === 'string') return UserId(claim);
  } catch {
    // The domain refuses it.
  }
  throw new Unauthenticated(`the token names no user (${userIdClaim})`);
}

/** Each URL with and without a trailing slash, for libraries that compare exactly. */
export function withAndWithoutSlash(urls: readonly string[]): string[] {
  return urls.flatMap((url) => [url, url.endsWith('/') ? url.slice(0, -1) : `${url}/`]);
}
