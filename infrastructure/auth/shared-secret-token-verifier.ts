import { createSecretKey, type KeyObject } from 'node:crypto';
import jsonwebtoken, { type VerifyOptions } from 'jsonwebtoken';
import { Unauthenticated } from '../../application/application-errors.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { VerifiedToken } from '../../application/ports/token-verifier.ts';
import { type DecodedToken, decodeToken, type JwtVerifier } from './decoded-token.ts';
import {
  checkClaims,
  explainRejection,
  SECRET_MIN_BYTES,
  type TokenRules,
  withAndWithoutSlash,
} from './token-rules.ts';

/**
 * Verifies HS256 tokens, which the frontend signs with a secret that it shares with this server. The user is in `sub` by
 * default. Better Auth signs its e-mail verification links with the same secret, but their user is in `userId`.
 */
export class SharedSecretTokenVerifier implements JwtVerifier {
  // jsonwebtoken is forty times faster with a KeyObject than with the secret as a string.
  private readonly key: KeyObject;
  private readonly options: VerifyOptions;

  /** @throws RangeError if the secret has fewer than 32 bytes */
  constructor(
    secret: string,
    private readonly rules: TokenRules,
    private readonly clock: Clock,
  ) {
    if (Buffer.byteLength(secret) < SECRET_MIN_BYTES)
      throw new RangeError(`a shared secret must have at least ${SECRET_MIN_BYTES} bytes`);
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

  async verify(token: string | DecodedToken): Promise<VerifiedToken> {
    const { text, algorithm, claims } = decodeToken(token);
    if (algorithm !== 'HS256') throw new Unauthenticated('the token is signed with another algorithm');
    const nowMs = this.clock.epochMs();
    try {
      jsonwebtoken.verify(text, this.key, { ...this.options, clockTimestamp: Math.floor(nowMs / 1000) });
    } catch (error) {
      // The key is valid, so every error is about the token.
      throw new Unauthenticated(explainRejection(error));
    }
    return checkClaims(claims, this.rules, nowMs);
  }
}
