import { Unauthenticated } from '../../application/application-errors.ts';
import type { VerifiedToken } from '../../application/ports/token-verifier.ts';
import { UserId } from '../../domain/user-id.ts';

/** What a token must contain, in addition to a valid signature. */
export interface TokenRules {
  /** `iss` must be one of these. An empty list accepts any token, also without `iss`. A trailing slash is ignored. */
  readonly issuers: readonly string[];
  /** `aud` must contain one of these, by the same rules. */
  readonly audiences: readonly string[];
  /** Seconds by which the clocks of the issuer and of this server may differ. */
  readonly clockTolerance: number;
  /** The name of the claim with the user id, such as `sub`. */
  readonly userIdClaim: string;
}

/** The minimum length of a secret, in bytes: that of the hash of HS256 (RFC 7518, section 3.2). */
export const SECRET_MIN_BYTES = 32;

/** The longest time between `iat` and `exp`, in seconds: 30 days. */
export const LIFETIME_MAX_SECONDS = 30 * 24 * 60 * 60;

/**
 * Checks what the JWT libraries do not check. The signature, `exp`, `nbf`, `iss` and `aud` must be verified already.
 *
 * @param nowMs milliseconds since 1970
 * @throws Unauthenticated if `exp` is missing, `iat` is in the future, the lifetime exceeds 30 days, or there is no
 *   valid user id
 */
export function checkClaims(
  claims: Readonly<Record<string, unknown>>,
  rules: TokenRules,
  nowMs: number,
): VerifiedToken {
  const now = nowMs / 1000;
  const { exp, iat = now } = claims;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) throw new Unauthenticated('the token has no expiry (exp)');
  if (typeof iat !== 'number' || !(iat <= now + rules.clockTolerance)) {
    throw new Unauthenticated('the token was issued in the future (iat)');
  }
  if (exp - iat > LIFETIME_MAX_SECONDS) throw new Unauthenticated('the token lives longer than 30 days');
  return { user: readUserId(claims, rules), expiresAtMs: (exp + rules.clockTolerance) * 1000 };
}

function readUserId(claims: Readonly<Record<string, unknown>>, { userIdClaim }: TokenRules): UserId {
  const claim = claims[userIdClaim];
  try {
    if (typeof claim === 'string') return UserId(claim);
  } catch {
    // It is not a valid user id.
  }
  throw new Unauthenticated(`the token names no user (${userIdClaim})`);
}

/** Each URL with and without a trailing slash, for libraries that compare exactly. */
export function withAndWithoutSlash(urls: readonly string[]): string[] {
  return urls.flatMap((url) => [url, url.endsWith('/') ? url.slice(0, -1) : `${url}/`]);
}

/** The reason why jose or jsonwebtoken rejected a token, for the log. */
export function explainRejection(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return REASONS.find(([pattern]) => pattern.test(message))?.[1] ?? 'the token is not valid';
}

/** By the messages of jsonwebtoken and jose. */
const REASONS: readonly (readonly [message: RegExp, reason: string])[] = [
  [/^jwt expired|^"exp" claim timestamp/, 'the token has expired'],
  [/^jwt not active|"nbf" claim/, 'the token is not valid yet (nbf)'],
  [/^jwt issuer|"iss" claim/, 'the token comes from another issuer (iss)'],
  [/^jwt audience|"aud" claim/, 'the token is meant for another audience (aud)'],
];
