import type { Clock } from '../../application/ports/clock.ts';
import type { Quota, Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';
import { withTimeout } from '../with-timeout.ts';
import { InMemoryRateLimits } from './in-memory-rate-limits.ts';
import type { RateLimitStore } from './rate-limit-store.ts';

/** Timeout of the store for one request. */
const TIMEOUT_MS = 1_000;
/** Pause before a failed store is tried again. */
const RETRY_PAUSE_MS = 1_000;

/** Called once when a store starts to fail, and once when it works again. */
export interface StoreWatch {
  failed(error: unknown): void;
  recovered(): void;
}

/**
 * Counts in a store, and in memory while the store fails. The limits then apply to this instance only, and requests do
 * not wait for the store. After each pause, one request tries the store again.
 */
export class FallingBackRateLimits implements RateLimitStore {
  private readonly memory: InMemoryRateLimits;
  private failing = false;
  private retryAtMs = 0;

  constructor(
    private readonly store: RateLimitStore,
    private readonly watch: StoreWatch,
    private readonly clock: Clock,
  ) {
    this.memory = new InMemoryRateLimits(clock);
  }

  limiter(name: string, rate: Rate): RateLimiter {
    const [primary, fallback] = [this.store.limiter(name, rate), this.memory.limiter(name, rate)];
    return { rate, take: (key) => this.take(primary, fallback, key) };
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private async take(primary: RateLimiter, fallback: RateLimiter, key: string): Promise<Quota> {
    const retrying = this.failing;
    if (retrying) {
      if (this.clock.monotonicMs() < this.retryAtMs) return fallback.take(key);
      this.retryAtMs = this.clock.monotonicMs() + TIMEOUT_MS + RETRY_PAUSE_MS;
    }
    try {
      const quota = await withTimeout(primary.take(key), TIMEOUT_MS, overdue);
      // Only a retry proves that the store works again. A request from before the failure may just be slow.
      if (retrying && this.failing) {
        this.failing = false;
        this.watch.recovered();
      }
      return quota;
    } catch (error) {
      this.retryAtMs = this.clock.monotonicMs() + RETRY_PAUSE_MS;
      if (!this.failing) this.watch.failed(error);
      this.failing = true;
      return fallback.take(key);
    }
  }
}

function overdue(): Error {
  return new Error(`no answer within ${TIMEOUT_MS} ms`);
}
