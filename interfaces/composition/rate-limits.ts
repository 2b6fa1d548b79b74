import type { Logger } from 'pino';
import type { RateLimits } from '../../application/ports/rate-limiter.ts';
import type { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { FallingBackRateLimits } from '../../infrastructure/rate-limits/falling-back-rate-limits.ts';
import { InMemoryRateLimits } from '../../infrastructure/rate-limits/in-memory-rate-limits.ts';
import { PostgresRateLimits } from '../../infrastructure/rate-limits/postgres-rate-limits.ts';
import type { RateLimitStore } from '../../infrastructure/rate-limits/rate-limit-store.ts';
import { RedisRateLimits } from '../../infrastructure/rate-limits/redis-rate-limits.ts';
import type { Configuration } from './configuration/configuration.ts';

/** Seconds in which the limits count. */
const WINDOW = 60;

/** The limits of a configuration, and what is open for them. */
export interface OpenRateLimits {
  /** `undefined`: switched off. */
  readonly limits: RateLimits | undefined;
  close(): Promise<void>;
}

export function rateLimits(
  { rateLimits: settings }: Pick<Configuration, 'rateLimits'>,
  database: PostgresDatabase,
  log: Logger,
): OpenRateLimits {
  if (settings === undefined) return { limits: undefined, close: async () => {} };
  const store = storeOf(settings.store, database, log);
  const { user, failedAuthentication } = settings;
  return {
    limits: {
      user: store.limiter('user', { limit: user, window: WINDOW }),
      failedAuthentication: store.limiter('failed', { limit: failedAuthentication, window: WINDOW }),
    },
    close: () => store.close(),
  };
}

function storeOf(name: string, database: PostgresDatabase, log: Logger): RateLimitStore {
  if (name === 'memory') return new InMemoryRateLimits();
  const shared = name === 'postgres' ? new PostgresRateLimits(database) : new RedisRateLimits(name);
  return new FallingBackRateLimits(shared, {
    failed: (err) => log.warn({ err }, 'the store of the rate limits fails: each instance counts in memory'),
    recovered: () => log.info('the rate limits are counted in their store again'),
  });
}
