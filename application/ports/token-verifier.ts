import type { UserId } from '../../domain/user-id.ts';

/** What a valid token says. */
export interface VerifiedToken {
  readonly user: UserId;
  /** When the token is no longer accepted, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Identifies the user by a token. */
export interface TokenVerifier {
  /**
   * @param token the text after `Bearer `, usually a JWT in compact form. It is untrusted: it can be any text.
   * @throws Unauthenticated when the token is invalid
   * @throws Unavailable when the token cannot be verified at the moment
   */
  verify(token: string): Promise<VerifiedToken>;
}
