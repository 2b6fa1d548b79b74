import type { JWTPayload, JWTVerifyOptions } from 'jose';
import { Unauthenticated, Unavailable } from '../../application/errors.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import type { UserId } from '../../domain/user-id.ts';
import { algorithmOf } from './decoded-token.ts';
import type { KeySet } from './key-set.ts';
import { ALGORITHMS } from './public-keys.ts';
import { refused } from './refused.ts';
import { TokenCache } from './token-cache.ts';
import { spellings, type TokenRules, verified } from './token-rules.ts';

type Errors = typeof import('jose').errors;

/** Tokens that Better Auth signs with keys of its own, whose public halves it publishes as a JSON Web Key Set. */
export class JwksTokenVerifier implements TokenVerifier {
  private readonly options: JWTVerifyOptions;
  /** Loaded beside the start, and only where there is a key set: it takes a while. */
  private readonly jose = import('jose');

  /**
   * @param rules with an issuer and an audience: the same keys may sign tokens for others
   * @throws RangeError when one of the two is missing
   */
  constructor(
    private readonly keys: KeySet,
    private readonly rules: TokenRules,
    private readonly known = new TokenCache(rules.clockTolerance),
  ) {
    if (rules.issuers.length === 0 || rules.audiences.length === 0) {
      throw new RangeError('tokens of a key set have an issuer and an audience');
    }
    this.options = {
      algorithms: ALGORITHMS,
      issuer: spellings(rules.issuers),
      audience: spellings(rules.audiences),
      clockTolerance: rules.clockTolerance,
    };
  }

  async verify(token: string): Promise<UserId> {
    const known = this.known.user(token);
    if (known !== undefined) return known;
    if (!ALGORITHMS.includes(algorithmOf(token))) throw refused('the token is signed with another algorithm');
    const proven = verified(await this.claimsOf(token), this.rules);
    this.known.keep(token, proven);
    return proven.user;
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    const { errors, jwtVerify } = await this.jose;
    try {
      return (await jwtVerify(token, (header) => this.keys.keyFor(header), this.options)).payload;
    } catch (error) {
      if (error instanceof Unauthenticated || error instanceof Unavailable) throw error;
      throw refused(reason(error, errors));
    }
  }
}

function reason(error: unknown, errors: Errors): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  const claim = error instanceof errors.JWTClaimValidationFailed ? error.claim : undefined;
  if (claim === 'iss') return 'the token comes from another issuer (iss)';
  if (claim === 'aud') return 'the token is meant for another audience (aud)';
  if (claim === 'nbf') return 'the token does not hold yet (nbf)';
  return 'the token is not valid';
}
