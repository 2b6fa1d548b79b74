import type { Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';

/** Where requests are counted. */
export interface RateLimitStore {
  /** @param name separates the keys of this limiter from those of other limiters in the store */
  limiter(name: string, rate: Rate): RateLimiter;
  close(): Promise<void>;
}
