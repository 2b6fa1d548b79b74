import { LRUCache } from 'lru-cache';
import type { Clock } from '../../application/ports/clock.ts';
import type { Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';
import type { RateLimitStore } from './rate-limit-store.ts';

/** The maximum number of keys per limiter, so that a client with many addresses cannot exhaust the memory. */
const KEYS_MAX = 50_000;

/** Counts within this process. */
export class InMemoryRateLimits implements RateLimitStore {
  /** @param keysMax keys per limiter; beyond it, the least recently used key is forgotten */
  constructor(
    private readonly clock: Clock,
    private readonly keysMax = KEYS_MAX,
  ) {}

  limiter(_name: string, rate: Rate): RateLimiter {
    const windows = new LRUCache<string, { endsAtMs: number; requests: number }>({ max: this.keysMax });
    return {
      rate,
      take: async (key) => {
        const nowMs = Math.floor(this.clock.monotonicMs()); // sums of whole numbers are exact
        let window = windows.get(key);
        if (window === undefined || window.endsAtMs <= nowMs) {
          window = { endsAtMs: nowMs + rate.window * 1000, requests: 0 };
          windows.set(key, window);
        }
        window.requests += 1;
        return {
          allowed: window.requests <= rate.limit,
          remaining: Math.max(0, rate.limit - window.requests),
          resetAfter: Math.ceil((window.endsAtMs - nowMs) / 1000),
        };
      },
    };
  }

  async close(): Promise<void> {}
}
