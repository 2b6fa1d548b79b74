import { createSecretKey, type KeyObject } from 'node:crypto';
import jsonwebtoken, { type VerifyOptions } from 'jsonwebtoken';
import { Unauthenticated } from '../../application/errors.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { UserId } from '../../domain/user-id.ts';
import { type DecodedToken, decodeToken, type JwtVerifier } from './decoded-token.ts';
import { checkClaims, SECRET_MIN_BYTES, type TokenRules, withAndWithoutSlash } from './token-rules.ts';

/**
 * Verifies HS256 tokens, which the frontend signs with a secret that it shares with this server. The user is `sub` by
 * default: a link of Better Auth's e-mail verification is a JWT under the same secret, with its user in `userId`.
 */
export class SharedSecretTokenVerifier implements JwtVerifier {
  // jsonwebtoken is forty times faster with a KeyObject than with the secret as a string.
  private readonly key: KeyObject;
  private readonly options: VerifyOptions;

  /** @throws RangeError for a secret of less than 32 bytes */
  constructor(
    secret: string,
    private readonly rules: TokenRules,
    private readonly clock: Clock,
  ) {
    if (Buffer.byteLength(secret) < SECRET_MIN_BYTES)
      throw new RangeError(`a shared secret has at least ${SECRET_MIN_BYTES} bytes`);
    this.key = createSecretKey(secret, 'utf8');
    const [issuer, ...issuers] = withAndWithoutSlash(rules.issuers);
    const [audience, ...audiences] = withAndWithoutSlash(rules.audiences);
    this.options = {
      algorithms: ['HS256'],
      clockTolerance: rules.clockTolerance,
      ...(issuer === undefined ? {} : { issuer: [issuer, ...issuers] }),
      ...(audience === undefined ? {} : { audience: [audience, ...audiences] }),
    };
  }

  async verify(token: string | DecodedToken): Promise<UserId> {
    const { text, algorithm, claims } = decodeToken(token);
    if (algorithm !== 'HS256') throw new Unauthenticated('the token is signed with another algorithm');
    const nowMs = this.clock.epochMs();
    try {
      jsonwebtoken.verify(text, this.key, { ...this.options, clockTimestamp: Math.floor(nowMs / 1000) });
    } catch (error) {
      // The key is sound, so every error is about the token, whatever its class.
      throw new Unauthenticated(explainError(error));
    }
    return checkClaims(claims, this.rules, nowMs);
  }
}

function explainError(error: unknown): string {
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
