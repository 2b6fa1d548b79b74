import type { Quota, Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';
import { InMemoryRateLimits } from './in-memory-rate-limits.ts';
import type { RateLimitStore } from './rate-limit-store.ts';

/** Milliseconds that a store may take to count, and those for which one that failed is left alone. */
const TIMEOUT = 1_000;
const PAUSE = 1_000;

/** Told once when a store fails, and once when it counts again. */
export interface StoreWatch {
  failed(error: unknown): void;
  recovered(): void;
}

/**
 * Counts in a store, and in memory while that one fails: its limits then hold within this instance, and no request waits
 * for it. One request after each pause finds out whether it is back.
 */
export class FallingBackRateLimits implements RateLimitStore {
  private readonly memory = new InMemoryRateLimits();
  private failing = false;
  private nextTry = 0;

  constructor(
    private readonly store: RateLimitStore,
    private readonly watch: StoreWatch,
  ) {}

  limiter(name: string, rate: Rate): RateLimiter {
    const [counted, fallback] = [this.store.limiter(name, rate), this.memory.limiter(name, rate)];
    return { rate, take: (key) => this.take(counted, fallback, key) };
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private async take(counted: RateLimiter, fallback: RateLimiter, key: string): Promise<Quota> {
    const probing = this.failing;
    if (probing) {
      if (performance.now() < this.nextTry) return fallback.take(key);
      this.nextTry = performance.now() + TIMEOUT + PAUSE;
    }
    try {
      const quota = await within(TIMEOUT, counted.take(key));
      // Not one that was under way when another failed: it would say that a slow store is back.
      if (probing && this.failing) {
        this.failing = false;
        this.watch.recovered();
      }
      return quota;
    } catch (error) {
      this.nextTry = performance.now() + PAUSE;
      if (!this.failing) this.watch.failed(error);
      this.failing = true;
      return fallback.take(key);
    }
  }
}

async function within<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
