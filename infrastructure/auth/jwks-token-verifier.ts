import type { JWTVerifyOptions } from 'jose';
import { Unauthenticated, Unavailable } from '../../application/errors.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { UserId } from '../../domain/user-id.ts';
import { errorCode } from '../error-code.ts';
import { type DecodedToken, decodeToken, type JwtVerifier } from './decoded-token.ts';
import { ALGORITHMS, type KeySet } from './public-keys.ts';
import { checkClaims, type TokenRules, withAndWithoutSlash } from './token-rules.ts';

/** Verifies tokens that Better Auth signs with its own keys, whose public halves it publishes as a JSON Web Key Set. */
export class JwksTokenVerifier implements JwtVerifier {
  private readonly options: JWTVerifyOptions;
  /** Loading takes a while, so it runs beside the start, and only where there is a key set. */
  private readonly jose = import('jose');

  /**
   * @param rules with an issuer and an audience, because the same keys may sign tokens for others
   * @throws RangeError when one of the two is missing
   */
  constructor(
    private readonly keys: KeySet,
    private readonly rules: TokenRules,
    private readonly clock: Clock,
  ) {
    if (rules.issuers.length === 0 || rules.audiences.length === 0) {
      throw new RangeError('tokens of a key set have an issuer and an audience');
    }
    this.options = {
      algorithms: ALGORITHMS,
      issuer: withAndWithoutSlash(rules.issuers),
      audience: withAndWithoutSlash(rules.audiences),
      clockTolerance: rules.clockTolerance,
    };
  }

  async verify(token: string | DecodedToken): Promise<UserId> {
    const { text, algorithm, claims } = decodeToken(token);
    if (!ALGORITHMS.includes(algorithm)) throw new Unauthenticated('the token is signed with another algorithm');
    const { jwtVerify } = await this.jose;
    try {
      const currentDate = new Date(this.clock.epochMs());
      await jwtVerify(text, (header) => this.keys.keyFor(header), { ...this.options, currentDate });
    } catch (error) {
      if (error instanceof Unauthenticated || error instanceof Unavailable) throw error;
      throw new Unauthenticated(explainError(error));
    }
    return checkClaims(claims, this.rules, this.clock.epochMs());
  }
}

function explainError(error: unknown): string {
  if (errorCode(error) === 'ERR_JWT_EXPIRED') return 'the token has expired';
  const claim = error instanceof Error && 'claim' in error ? error.claim : undefined;
  if (claim === 'iss') return 'the token comes from another issuer (iss)';
  if (claim === 'aud') return 'the token is meant for another audience (aud)';
  if (claim === 'nbf') return 'the token does not hold yet (nbf)';
  return 'the token is not valid';
}
