import { createSecretKey, type KeyObject } from 'node:crypto';
import jsonwebtoken, { type Jwt } from 'jsonwebtoken';
import { Unauthenticated } from '../../application/errors.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import { UserId } from '../../domain/user-id.ts';

/** The shortest secret, in bytes: as long as the hash of HS256 (RFC 7518, section 3.2). */
export const SECRET_MIN = 32;
/** The longest token that is looked at, in characters. */
const TOKEN_MAX = 8 * 1024;
/** Seconds by which clocks may differ. */
const CLOCK_TOLERANCE = 5;
/** The longest life of a token, in seconds: 30 days. */
export const LIFETIME_MAX = 30 * 24 * 60 * 60;

/**
 * HS256 tokens signed with the secret that frontend and backend share. The user is `sub`, and nothing else: Better
 * Auth's e-mail verification link is a JWT under the same secret that names its user in `userId`.
 */
export class SharedSecretTokenVerifier implements TokenVerifier {
  // jsonwebtoken is forty times faster with a KeyObject than with the secret as a string.
  private readonly key: KeyObject;

  /** @throws RangeError for a secret of less than 32 bytes */
  constructor(secret: string) {
    if (Buffer.byteLength(secret) < SECRET_MIN)
      throw new RangeError(`a shared secret has at least ${SECRET_MIN} bytes`);
    this.key = createSecretKey(secret, 'utf8');
  }

  async verify(token: string): Promise<UserId> {
    if (token.length > TOKEN_MAX) throw refused('the token is too long');
    return userOf(this.decoded(token));
  }

  private decoded(token: string): Jwt {
    try {
      return jsonwebtoken.verify(token, this.key, {
        algorithms: ['HS256'],
        clockTolerance: CLOCK_TOLERANCE,
        complete: true,
      });
    } catch (error) {
      // The key is sound, so whatever is thrown, and by whichever class, is about the token.
      const expired = error instanceof jsonwebtoken.TokenExpiredError;
      throw refused(expired ? 'the token has expired' : 'the token is not valid');
    }
  }
}

/** What jsonwebtoken leaves open: it is content with a missing `exp`, an `iat` ahead, `crit`, and any `sub`. */
function userOf({ header, payload }: Jwt): UserId {
  if (header.crit !== undefined || 'b64' in header) throw refused('the token demands an extension');
  if (typeof payload !== 'object' || payload === null) throw refused('the token has no claims');
  const now = Date.now() / 1000;
  const { exp, iat = now, sub } = payload;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) throw refused('the token has no expiry (exp)');
  if (typeof iat !== 'number' || !(iat <= now + CLOCK_TOLERANCE)) throw refused('the token was issued in the future');
  if (exp - iat > LIFETIME_MAX) throw refused('the token lives longer than 30 days');
  if (typeof sub !== 'string') throw refused('the token names no user (sub)');
  try {
    return UserId(sub);
  } catch {
    throw refused('the token names no user (sub)');
  }
}

function refused(reason: string): Unauthenticated {
  return new Unauthenticated(reason, true);
}
