import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import type { RateLimits } from '../../application/ports/rate-limiter.ts';
import type { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { FallingBackRateLimits } from '../../infrastructure/rate-limits/falling-back-rate-limits.ts';
import { InMemoryRateLimits } from '../../infrastructure/rate-limits/in-memory-rate-limits.ts';
import { PostgresRateLimits } from '../../infrastructure/rate-limits/postgres-rate-limits.ts';
import type { RateLimitStore } from '../../infrastructure/rate-limits/rate-limit-store.ts';
import { RedisRateLimits } from '../../infrastructure/rate-limits/redis-rate-limits.ts';
import type { Configuration } from './configuration/configuration.ts';

const WINDOW_SECONDS = 60;
/** Attempts to sign in per minute. At this rate, a weak password takes days to guess, and a household is not locked out. */
const SIGN_INS_PER_NETWORK = 30;
const SIGN_INS_PER_EMAIL = 10;

/** The configured rate limits. `close` closes their store. */
export interface OpenRateLimits {
  /** `undefined` if rate limits are off. */
  readonly limits: RateLimits | undefined;
  close(): Promise<void>;
}

/** Creates the configured rate limits. While a shared store fails, each instance counts in memory. */
export function createRateLimits(
  { rateLimits: settings }: Pick<Configuration, 'rateLimits'>,
  database: PostgresDatabase,
  log: Logger,
  clock: Clock,
): OpenRateLimits {
  if (settings === undefined) return { limits: undefined, close: async () => {} };
  const store = createStore(settings.store, database, log, clock);
  return {
    limits: {
      user: store.limiter('user', { limit: settings.user, window: WINDOW_SECONDS }),
      failedAuthentication: store.limiter('failed', { limit: settings.failedAuthentication, window: WINDOW_SECONDS }),
      signInNetwork: store.limiter('sign-in-network', { limit: SIGN_INS_PER_NETWORK, window: WINDOW_SECONDS }),
      signInEmail: store.limiter('sign-in-email', { limit: SIGN_INS_PER_EMAIL, window: WINDOW_SECONDS }),
    },
    close: () => store.close(),
  };
}

/** @param name `memory`, `postgres`, or the URL of a Redis server */
function createStore(name: string, database: PostgresDatabase, log: Logger, clock: Clock): RateLimitStore {
  if (name === 'memory') return new InMemoryRateLimits(clock);
  const shared = name === 'postgres' ? new PostgresRateLimits(database, clock) : new RedisRateLimits(name);
  const watch = {
    failed: (err: unknown) => log.warn({ err }, 'the rate limit store fails: each instance counts in memory'),
    recovered: () => log.info('the rate limit store works again'),
  };
  return new FallingBackRateLimits(shared, watch, clock);
}
