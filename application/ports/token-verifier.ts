import type { UserId } from '../../domain/user-id.ts';

/** Identifies the user by a token. */
export interface TokenVerifier {
  /**
   * @param token the text after `Bearer `, usually a JWT in compact form. It is untrusted: it can be any text.
   * @returns the user whom the token names
   * @throws Unauthenticated when the token is invalid
   * @throws Unavailable when the token cannot be verified at the moment
   */
  verify(token: string): Promise<UserId>;
}
