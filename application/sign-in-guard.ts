import { RateLimited } from './application-errors.ts';
import type { RateLimits } from './ports/rate-limiter.ts';

/** The longest key that a limit counts by. */
const KEY_MAX = 200;

/** Limits how often passwords can be tried. */
export class SignInGuard {
  /** @param limits `undefined` switches rate limits off */
  constructor(private readonly limits: RateLimits | undefined) {}

  /**
   * Counts an attempt to sign up or to sign in, before the password is looked at.
   *
   * @param network the network that the request comes from
   * @param email as it was sent; `undefined` if there is none
   * @throws RateLimited
   */
  async admit(network: string, email: string | undefined): Promise<void> {
    await this.take('signInNetwork', network);
    if (email !== undefined) await this.take('signInEmail', email.trim().toLowerCase().slice(0, KEY_MAX));
  }

  private async take(limit: 'signInNetwork' | 'signInEmail', key: string): Promise<void> {
    if (this.limits === undefined) return;
    const { [limit]: limiter } = this.limits;
    const quota = await limiter.take(key);
    if (!quota.allowed) throw new RateLimited(limit, limiter.rate, quota);
  }
}
