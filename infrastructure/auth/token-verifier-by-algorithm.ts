import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import type { UserId } from '../../domain/user-id.ts';
import { algorithmOf } from './decoded-token.ts';
import type { TokenCache } from './token-cache.ts';

/**
 * Both kinds of tokens at once. The header tells which verifier to ask, and no more: a public key is never a secret
 * to the one, nor the secret a key to the other, whatever a token says of itself.
 */
export class TokenVerifierByAlgorithm implements TokenVerifier {
  constructor(
    private readonly sharedSecret: TokenVerifier,
    private readonly keySet: TokenVerifier,
    /** Those that either of the two has verified. */
    private readonly known: TokenCache,
  ) {}

  async verify(token: string): Promise<UserId> {
    return this.known.user(token) ?? (algorithmOf(token) === 'HS256' ? this.sharedSecret : this.keySet).verify(token);
  }
}
