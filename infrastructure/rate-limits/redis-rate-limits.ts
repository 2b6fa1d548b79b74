import type { RedisClientType } from '@redis/client';
import type { Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';
import { FlexibleRateLimiter } from './flexible-rate-limiter.ts';
import type { RateLimitStore } from './rate-limit-store.ts';

/** Milliseconds that connecting may take, and the longest pause before it is tried again. */
const CONNECT_TIMEOUT = 2_000;
const RECONNECT_PAUSE = 5_000;

/** Counts in Redis, or what speaks its protocol, for all instances together. The client is loaded only where it is used. */
export class RedisRateLimits implements RateLimitStore {
  /** Once the first attempt to connect has had its outcome, whichever. */
  private readonly client: Promise<RedisClientType>;

  /** @param url `redis://…`, or `rediss://…` for TLS. A connection that fails is tried again until `close`. */
  constructor(url: string) {
    this.client = connect(url);
    this.client.catch(() => {}); // whoever counts is told
  }

  limiter(name: string, rate: Rate): RateLimiter {
    const client = {
      eval: async (...args: Parameters<RedisClientType['eval']>) => (await this.client).eval(...args),
    };
    return new FlexibleRateLimiter(
      rate,
      ({ RateLimiterRedis }) =>
        new RateLimiterRedis({
          points: rate.limit,
          duration: rate.window,
          keyPrefix: `taskwell:${name}`,
          // Whoever is over the limit costs no round trip for the rest of the window.
          inMemoryBlockOnConsumed: rate.limit,
          storeClient: client,
          useRedisPackage: true,
        }),
    );
  }

  async close(): Promise<void> {
    (await this.client).destroy();
  }
}

async function connect(url: string): Promise<RedisClientType> {
  const { createClient } = await import('@redis/client');
  const client: RedisClientType = createClient({
    url,
    disableOfflineQueue: true, // no connection is an answer at once
    socket: {
      connectTimeout: CONNECT_TIMEOUT,
      reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, RECONNECT_PAUSE),
    },
  });
  await new Promise<void>((resolve) => {
    client.once('ready', () => resolve());
    client.on('error', () => resolve()); // what needs the connection fails as well, and says so
    client.connect().catch(() => resolve());
  });
  return client;
}
