import type { Clock } from '../../application/ports/clock.ts';
import type { Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';
import type { PostgresDatabase } from '../postgres/connection/postgres-database.ts';
import type { Parameter, Statement } from '../postgres/connection/statement.ts';
import { FlexibleRateLimiter } from './flexible-rate-limiter.ts';
import type { RateLimitStore } from './rate-limit-store.ts';

/** Time between two sweeps of expired windows. */
const SWEEP_INTERVAL_MS = 5 * 60_000;

/** Counts in the database of the tasks, for all instances together. Each request takes one more statement. */
export class PostgresRateLimits implements RateLimitStore {
  private readonly sweeping: NodeJS.Timeout;

  constructor(
    private readonly database: PostgresDatabase,
    private readonly clock: Clock,
  ) {
    const sweep = () => void this.sweep().catch(() => {}); // the next sweep tries again
    this.sweeping = setInterval(sweep, SWEEP_INTERVAL_MS).unref();
  }

  limiter(name: string, rate: Rate): RateLimiter {
    return new FlexibleRateLimiter(
      rate,
      ({ RateLimiterPostgres }, options) =>
        new RateLimiterPostgres({
          ...options,
          keyPrefix: name,
          storeClient: { query: (query: Query) => this.query(query) },
          storeType: 'client',
          tableName: 'rate_limits',
          tableCreated: true,
          clearExpiredByTimeout: false, // its timer cannot be stopped
        }),
    );
  }

  /** Runs a statement of the library and returns the result in the format of `pg`. */
  private async query(query: Query): Promise<{ rows: { points: number; expire: number }[] }> {
    const rows = await this.database.run(query, query.values);
    return { rows: rows.map(([points, expire]) => ({ points: Number(points), expire: Number(expire) })) };
  }

  /** Deletes expired windows. */
  async sweep(): Promise<void> {
    await this.database.run(DELETE_EXPIRED, [this.clock.epochMs()]);
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
