import type { UserId } from '../../domain/user-id.ts';

/** Who is it that holds this token? */
export interface TokenVerifier {
  /**
   * @param token the compact form of a JWT, as it stands after `Bearer`; anything at all may come in
   * @throws Unauthenticated when the token does not prove who its holder is
   * @throws Unavailable when that cannot be told at the moment
   */
  verify(token: string): Promise<UserId>;
}
