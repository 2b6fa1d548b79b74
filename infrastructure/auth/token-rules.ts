import { UserId } from '../../domain/user-id.ts';
import { refused } from './refused.ts';

/** What a token has to say, besides being signed. */
export interface TokenRules {
  /** `iss` has to be one of these; any or none will do where the list is empty. A trailing slash is no difference. */
  readonly issuers: readonly string[];
  /** `aud` has to name one of these, likewise. */
  readonly audiences: readonly string[];
  /** Seconds by which clocks may differ. */
  readonly clockTolerance: number;
  /** The claim that names the user: `sub` unless configured otherwise. */
  readonly userIdClaim: string;
}

/** The shortest secret, in bytes: as long as the hash of HS256 (RFC 7518, section 3.2). */
export const SECRET_MIN = 32;

/** Seconds by which clocks may differ where nothing else is configured. */
export const CLOCK_TOLERANCE = 5;

export const DEFAULT_RULES: TokenRules = {
  issuers: [],
  audiences: [],
  clockTolerance: CLOCK_TOLERANCE,
  userIdClaim: 'sub',
};

/** The longest life of a token, in seconds: 30 days. */
export const LIFETIME_MAX = 30 * 24 * 60 * 60;

/** What a verified token proves, and for how long. */
export interface VerifiedToken {
  readonly user: UserId;
  /** `exp`: seconds since 1970. */
  readonly expiresAt: number;
}

/**
 * What the libraries leave open once the signature, `exp`, `nbf`, `iss` and `aud` hold: they are content with a missing
 * `exp`, an `iat` ahead, a life of a hundred years, and any `sub`.
 *
 * @throws Unauthenticated
 */
export function verified(claims: Readonly<Record<string, unknown>>, rules: TokenRules): VerifiedToken {
  const now = Date.now() / 1000;
  const { exp, iat = now } = claims;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) throw refused('the token has no expiry (exp)');
  if (typeof iat !== 'number' || !(iat <= now + rules.clockTolerance)) {
    throw refused('the token was issued in the future (iat)');
  }
  if (exp - iat > LIFETIME_MAX) throw refused('the token lives longer than 30 days');
  return { user: userIn(claims[rules.userIdClaim], rules), expiresAt: exp };
}

function userIn(claim: unknown, { userIdClaim }: TokenRules): UserId {
  try {
    if (typeof claim === 'string') return UserId(claim);
  } catch {
    // not the id of anybody
  }
  throw refused(`the token names no user (${userIdClaim})`);
}

/** The spellings of a name that is a URL: with and without a trailing slash. Empty where nothing is asked for. */
export function spellings(names: readonly string[]): string[] {
  return names.flatMap((name) => [name, name.endsWith('/') ? name.slice(0, -1) : `${name}/`]);
}
