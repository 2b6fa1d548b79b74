import type { UserId } from '../domain/user-id.ts';
import { RateLimited, Unauthenticated } from './application-errors.ts';
import type { Quota, Rate, RateLimits } from './ports/rate-limiter.ts';
import type { TokenVerifier, VerifiedToken } from './ports/token-verifier.ts';

/** A request that passed the guard. */
export interface Admission {
  readonly user: UserId;
  /** When the token is no longer accepted, in milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** The user's rate limit and what is left of it; `undefined` where there are no rate limits. */
  readonly usage: { readonly rate: Rate; readonly quota: Quota } | undefined;
}

/** Decides whether a request may pass: it identifies the user and applies the rate limits. */
export class RequestGuard {
  /**
   * @param limits `undefined` switches rate limits off
   * @param networkOf maps an address to the network whose failed authentications count together
   */
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly limits: RateLimits | undefined,
    private readonly networkOf: (address: string) => string,
  ) {}

  /**
   * Verifies the token, then counts the request against its user's limit.
   *
   * @param token the token, or the error to throw when the request has none
   * @param address the network address that the request comes from
   * @throws Unauthenticated when the token is missing or invalid
   * @throws RateLimited when the user sent too many requests, or the network too many without a valid token
   * @throws Unavailable when the token cannot be verified at the moment
   */
  async admit(token: string | Unauthenticated, address: string): Promise<Admission> {
    const { user, expiresAtMs } = await this.authenticate(token, address);
    if (this.limits === undefined) return { user, expiresAtMs, usage: undefined };
    const { rate } = this.limits.user;
    const quota = await this.limits.user.take(user);
    if (!quota.allowed) throw new RateLimited('user', rate, quota, user);
    return { user, expiresAtMs, usage: { rate, quota } };
  }

  /**
   * Verifies the token before it looks at the network's limit, so that a flood of invalid tokens does not lock out the
   * users of the same network. Each token of a flood costs a verification, which takes microseconds.
   */
  private async authenticate(token: string | Unauthenticated, address: string): Promise<VerifiedToken> {
    try {
      if (token instanceof Unauthenticated) throw token;
      return await this.tokens.verify(token);
    } catch (error) {
      // An unavailable key set does not count: the token may be valid.
      if (error instanceof Unauthenticated) await this.countFailure(address);
      throw error;
    }
  }

  private async countFailure(address: string): Promise<void> {
    if (this.limits === undefined) return;
    const { failedAuthentication } = this.limits;
    const quota = await failedAuthentication.take(this.networkOf(address));
    if (!quota.allowed) throw new RateLimited('failedAuthentication', failedAuthentication.rate, quota);
  }
}
