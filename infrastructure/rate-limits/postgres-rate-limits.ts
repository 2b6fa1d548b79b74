import type { Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';
import type { PostgresDatabase } from '../postgres/connection/postgres-database.ts';
import type { Parameter, Statement } from '../postgres/connection/statement.ts';
import { FlexibleRateLimiter } from './flexible-rate-limiter.ts';
import type { RateLimitStore } from './rate-limit-store.ts';

/** Milliseconds between two sweeps of what has expired. */
const SWEEP = 5 * 60 * 1000;

/** Counts in the database of the tasks, for all instances together: one more statement for each request. */
export class PostgresRateLimits implements RateLimitStore {
  private readonly sweeping: NodeJS.Timeout;

  constructor(private readonly database: PostgresDatabase) {
    this.sweeping = setInterval(() => void this.sweep().catch(() => {}), SWEEP).unref();
  }

  limiter(name: string, rate: Rate): RateLimiter {
    return new FlexibleRateLimiter(
      rate,
      ({ RateLimiterPostgres }) =>
        new RateLimiterPostgres({
          points: rate.limit,
          duration: rate.window,
          keyPrefix: name,
          // Whoever is over the limit costs no statement for the rest of the window.
          inMemoryBlockOnConsumed: rate.limit,
          storeClient: { query: (query: Query) => this.counted(query) },
          storeType: 'client',
          tableName: 'rate_limits',
          tableCreated: true,
          clearExpiredByTimeout: false, // its timer could not be stopped
        }),
    );
  }

  /** As the library reads it. */
  private async counted(query: Query): Promise<{ rows: { points: number; expire: number }[] }> {
    const rows = await this.database.run(query, query.values);
    return { rows: rows.map(([points, expire]) => ({ points: Number(points), expire: Number(expire) })) };
  }

  /** Forgets the windows that are over. What it fails to do, the next one does. */
  async sweep(): Promise<void> {
    await this.database.run(DELETE_EXPIRED, [Date.now()]);
  }

  async close(): Promise<void> {
    clearInterval(this.sweeping);
  }
}

type Query = Statement & { readonly values: Parameter[] };

const DELETE_EXPIRED: Statement = {
  name: 'taskwell_delete_expired_rate_limits',
  text: 'delete from rate_limits where expire < $1',
};
