import type { VerifiedToken } from '../../application/ports/token-verifier.ts';
import { type DecodedToken, decodeToken, type JwtVerifier } from './decoded-token.ts';

/**
 * Accepts tokens of a shared secret and of a key set. The token's header only selects the verifier: neither verifier
 * uses the keys of the other.
 */
export class TokenVerifierByAlgorithm implements JwtVerifier {
  constructor(
    private readonly sharedSecret: JwtVerifier,
    private readonly keySet: JwtVerifier,
  ) {}

  async verify(token: string | DecodedToken): Promise<VerifiedToken> {
    const decoded = decodeToken(token);
    return (decoded.algorithm === 'HS256' ? this.sharedSecret : this.keySet).verify(decoded);
  }
}
