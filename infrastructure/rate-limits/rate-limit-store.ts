import type { Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';

/** Where requests are counted. */
export interface RateLimitStore {
  /** @param name tells the keys of this limiter from those of the others in the same store */
  limiter(name: string, rate: Rate): RateLimiter;
  close(): Promise<void>;
}
