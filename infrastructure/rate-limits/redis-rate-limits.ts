import type { RedisClientType } from '@redis/client';
import type { Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';
import { FlexibleRateLimiter } from './flexible-rate-limiter.ts';
import type { RateLimitStore } from './rate-limit-store.ts';

const CONNECT_TIMEOUT_MS = 2_000;
/** Backoff between attempts to reconnect: the pause doubles from the first to the longest. */
const RECONNECT_FIRST_PAUSE_MS = 100;
const RECONNECT_LONGEST_PAUSE_MS = 5_000;

/** Counts in Redis or a compatible server, for all instances together. The client is loaded only if it is configured. */
export class RedisRateLimits implements RateLimitStore {
  /** Resolves after the first attempt to connect, whether it succeeds or fails. */
  private readonly client: Promise<RedisClientType>;

  /** @param url `redis://…`, or `rediss://…` for TLS. A failed connection is retried until `close`. */
  constructor(url: string) {
    this.client = connect(url);
    this.client.catch(() => {}); // `take` rejects with the same error
  }

  limiter(name: string, rate: Rate): RateLimiter {
    const client = {
      eval: async (...args: Parameters<RedisClientType['eval']>) => (await this.client).eval(...args),
    };
    return new FlexibleRateLimiter(
      rate,
      ({ RateLimiterRedis }, options) =>
        new RateLimiterRedis({ ...options, keyPrefix: `taskwell:${name}`, storeClient: client, useRedisPackage: true }),
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
    disableOfflineQueue: true, // without a connection, commands fail at once
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: (retries) => Math.min(RECONNECT_FIRST_PAUSE_MS * 2 ** retries, RECONNECT_LONGEST_PAUSE_MS),
    },
  });
  await new Promise<void>((resolve) => {
    client.once('ready', () => resolve());
    client.on('error', () => resolve()); // commands fail as well and report the error
    client.connect().catch(() => resolve());
  });
  return client;
}
