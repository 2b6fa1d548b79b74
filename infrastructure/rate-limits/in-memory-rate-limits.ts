import { LRUCache } from 'lru-cache';
import type { Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';
import { FlexibleRateLimiter } from './flexible-rate-limiter.ts';
import type { RateLimitStore } from './rate-limit-store.ts';

/** Keys that a limiter remembers: whoever has addresses without end does not fill the memory with them. */
const KEYS_MAX = 50_000;

/** Counts within this process. */
export class InMemoryRateLimits implements RateLimitStore {
  /** @param keysMax of more keys than these, those asked for longest ago begin anew */
  constructor(private readonly keysMax = KEYS_MAX) {}

  limiter(_name: string, rate: Rate): RateLimiter {
    return new FlexibleRateLimiter(rate, ({ RateLimiterMemory }) => {
      const counts = new RateLimiterMemory({ points: rate.limit, duration: rate.window, keyPrefix: '' });
      const known = new LRUCache<string, true>({ max: this.keysMax, dispose: (_, key) => void counts.delete(key) });
      return {
        consume(key) {
          known.set(String(key), true);
          return counts.consume(key);
        },
      };
    });
  }

  async close(): Promise<void> {}
}
