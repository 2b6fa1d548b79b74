import { createSecretKey, type KeyObject } from 'node:crypto';
import jsonwebtoken, { type JwtPayload, type VerifyOptions } from 'jsonwebtoken';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import type { UserId } from '../../domain/user-id.ts';
import { algorithmOf } from './decoded-token.ts';
import { refused } from './refused.ts';
import { TokenCache } from './token-cache.ts';
import { DEFAULT_RULES, SECRET_MIN, spellings, type TokenRules, verified } from './token-rules.ts';

/**
 * HS256 tokens signed with the secret that frontend and backend share. The user is `sub`: Better Auth's e-mail
 * verification link is a JWT under the same secret that names its user in `userId`.
 */
export class SharedSecretTokenVerifier implements TokenVerifier {
  // jsonwebtoken is forty times faster with a KeyObject than with the secret as a string.
  private readonly key: KeyObject;
  private readonly options: VerifyOptions & { complete: false };

  /** @throws RangeError for a secret of less than 32 bytes */
  constructor(
    secret: string,
    private readonly rules: TokenRules = DEFAULT_RULES,
    private readonly known = new TokenCache(rules.clockTolerance),
  ) {
    if (Buffer.byteLength(secret) < SECRET_MIN)
      throw new RangeError(`a shared secret has at least ${SECRET_MIN} bytes`);
    this.key = createSecretKey(secret, 'utf8');
    const [issuer, ...issuers] = spellings(rules.issuers);
    const [audience, ...audiences] = spellings(rules.audiences);
    this.options = {
      algorithms: ['HS256'],
      clockTolerance: rules.clockTolerance,
      complete: false,
      ...(issuer === undefined ? {} : { issuer: [issuer, ...issuers] }),
      ...(audience === undefined ? {} : { audience: [audience, ...audiences] }),
    };
  }

  async verify(token: string): Promise<UserId> {
    const known = this.known.user(token);
    if (known !== undefined) return known;
    if (algorithmOf(token) !== 'HS256') throw refused('the token is signed with another algorithm');
    const proven = verified(this.claimsOf(token), this.rules);
    this.known.keep(token, proven);
    return proven.user;
  }

  private claimsOf(token: string): JwtPayload {
    try {
      const claims = jsonwebtoken.verify(token, this.key, this.options);
      if (typeof claims === 'object') return claims;
    } catch (error) {
      // The key is sound, so whatever is thrown, and by whichever class, is about the token.
      throw refused(reason(error));
    }
    throw refused('the token has no claims');
  }
}

function reason(error: unknown): string {
  if (error instanceof jsonwebtoken.TokenExpiredError) return 'the token has expired';
  if (error instanceof jsonwebtoken.NotBeforeError) return 'the token does not hold yet (nbf)';
  if (error instanceof Error && error.message.startsWith('jwt issuer invalid')) {
    return 'the token comes from another issuer (iss)';
  }
  if (error instanceof Error && error.message.startsWith('jwt audience invalid')) {
    return 'the token is meant for another audience (aud)';
  }
  return 'the token is not valid';
}
