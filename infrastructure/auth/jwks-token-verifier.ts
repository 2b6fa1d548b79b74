import type { CryptoKey, JWSHeaderParameters, JWTVerifyOptions } from 'jose';
import { Unauthenticated, Unavailable } from '../../application/application-errors.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { VerifiedToken } from '../../application/ports/token-verifier.ts';
import { errorCode } from '../error-code.ts';
import { type DecodedToken, decodeToken, type JwtVerifier } from './decoded-token.ts';
import { ALGORITHMS, type KeySet, unknownKey } from './public-keys.ts';
import { checkClaims, explainRejection, type TokenRules, withAndWithoutSlash } from './token-rules.ts';

/** Verifies tokens that Better Auth signs with its own keys. It publishes the public keys as a JSON Web Key Set. */
export class JwksTokenVerifier implements JwtVerifier {
  private readonly options: JWTVerifyOptions;
  /** Loaded in the background, because it takes a while, and only if a key set is configured. */
  private readonly jose = import('jose');

  /**
   * @param rules must name an issuer and an audience, because the same keys may sign tokens for other services
   * @throws RangeError if one of the two is missing
   */
  constructor(
    private readonly keys: KeySet,
    private readonly rules: TokenRules,
    private readonly clock: Clock,
  ) {
    if (rules.issuers.length === 0 || rules.audiences.length === 0) {
      throw new RangeError('tokens of a key set must have an issuer and an audience');
    }
    this.options = {
      algorithms: ALGORITHMS,
      issuer: withAndWithoutSlash(rules.issuers),
      audience: withAndWithoutSlash(rules.audiences),
      clockTolerance: rules.clockTolerance,
    };
  }

  async verify(token: string | DecodedToken): Promise<VerifiedToken> {
    const { text, algorithm, claims } = decodeToken(token);
    if (!ALGORITHMS.includes(algorithm)) throw new Unauthenticated('the token is signed with another algorithm');
    try {
      await this.verifySignature(text);
    } catch (error) {
      if (error instanceof Unauthenticated || error instanceof Unavailable) throw error;
      throw new Unauthenticated(explainRejection(error));
    }
    return checkClaims(claims, this.rules, this.clock.epochMs());
  }

  /** Tries each key that the token may be signed with. */
  private async verifySignature(token: string): Promise<void> {
    const { jwtVerify } = await this.jose;
    const options = { ...this.options, currentDate: new Date(this.clock.epochMs()) };
    let others: readonly CryptoKey[] = [];
    const first = async (header: JWSHeaderParameters) => {
      const [key, ...rest] = await this.keys.keysFor(header);
      if (key === undefined) throw unknownKey();
      others = rest;
      return key;
    };
    let failure = await jwtVerify(token, first, options).then(accepted, asError);
    for (const key of others) {
      if (errorCode(failure) !== 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED') break;
      failure = await jwtVerify(token, key, options).then(accepted, asError);
    }
    if (failure !== undefined) throw failure;
  }
}

const accepted = () => undefined;
const asError = (error: unknown) => error;
