import { setTimeout as pause } from 'node:timers/promises';
import { errorCode } from '../../error-code.ts';
import { onDirectConnection } from '../connection/direct-connection.ts';
import { type Direction, migrationNames, migrationsFolder } from './migration-files.ts';
import { type BeforeRewrite, findRewrites, refuseRewrite, type TableRewrite } from './table-rewrite.ts';

export interface MigrationStatus {
  readonly name: string;
  /** When it was applied; `undefined` while it is pending. */
  readonly appliedAt: Date | undefined;
}

/** How long to wait for another instance that is migrating. */
const WAIT_MS = 60_000;
/** The table that lists the applied migrations. */
export const MIGRATIONS_TABLE = 'taskwell_migrations';
const INSUFFICIENT_PRIVILEGE = '42501';

/** Applies and reverts the migrations in `migrations/`. Several instances can do so at the same time. */
export class PostgresMigrations {
  constructor(private readonly url: string) {}

  async status(): Promise<readonly MigrationStatus[]> {
    const applied = await onDirectConnection(this.url, async (client) => {
      const { rows } = await client.query<{ known: boolean }>(`select to_regclass($1) is not null as known`, [
        MIGRATIONS_TABLE,
      ]);
      if (rows[0]?.known !== true) return [];
      return (await client.query<{ name: string; run_on: Date }>(`select name, run_on from ${MIGRATIONS_TABLE}`)).rows;
    });
    const appliedAt = new Map(applied.map(({ name, run_on }) => [name, run_on]));
    return (await migrationNames()).map((name) => ({ name, appliedAt: appliedAt.get(name) }));
  }

  /** The number of migrations that are not applied yet; `unknown` to a role that may not read which ones were. */
  async countPending(): Promise<number | 'unknown'> {
    const pending = await this.pending();
    return pending === 'unknown' ? pending : pending.length;
  }

  /** The tables with rows that the pending migrations rewrite. */
  async pendingRewrites(): Promise<readonly TableRewrite[]> {
    const pending = await this.pending();
    return pending === 'unknown' ? [] : this.rewrites(pending, 'up');
  }

  /**
   * Applies the pending migrations, all or none, and returns their names. Does nothing as a role that may not read which
   * ones were applied: their owner applies them.
   *
   * @param beforeRewrite is called first if one of them rewrites a table that has rows
   * @throws TableRewriteRefused by default in that case
   */
  async up(beforeRewrite: BeforeRewrite = refuseRewrite): Promise<readonly string[]> {
    const pending = await this.pending();
    if (pending === 'unknown' || pending.length === 0) return [];
    const rewrites = await this.rewrites(pending, 'up');
    if (rewrites.length > 0) {
      // The rows may be there only now because another instance has migrated meanwhile.
      if ((await this.countPending()) === 0) return [];
      beforeRewrite(rewrites);
    }
    return this.run('up', Number.POSITIVE_INFINITY);
  }

  /**
   * Reverts the last `count` migrations, which deletes their data, and returns their names.
   *
   * @param beforeRewrite as for `up`
   */
  async down(count: number, beforeRewrite: BeforeRewrite = refuseRewrite): Promise<readonly string[]> {
    const applied = (await this.status()).filter(({ appliedAt }) => appliedAt !== undefined);
    const names = applied.map(({ name }) => name).slice(-count);
    const rewrites = await this.rewrites(names, 'down');
    if (rewrites.length > 0) beforeRewrite(rewrites);
    return this.run('down', count);
  }

  private async pending(): Promise<readonly string[] | 'unknown'> {
    try {
      return (await this.status()).filter(({ appliedAt }) => appliedAt === undefined).map(({ name }) => name);
    } catch (error) {
      if (errorCode(error) === INSUFFICIENT_PRIVILEGE) return 'unknown';
      throw error;
    }
  }

  private rewrites(names: readonly string[], direction: Direction): Promise<readonly TableRewrite[]> {
    return onDirectConnection(this.url, (client) => findRewrites(client, names, direction));
  }

  private run(direction: Direction, count: number): Promise<readonly string[]> {
    return onDirectConnection(this.url, async (dbClient) => {
      const { runner } = await import('node-pg-migrate');
      const deadline = performance.now() + WAIT_MS;
      for (;;) {
        try {
          const quiet = () => {};
          const done = await runner({
            dbClient,
            dir: migrationsFolder(),
            direction,
            count,
            migrationsTable: MIGRATIONS_TABLE,
            singleTransaction: true,
            // `wait` would hold a snapshot and deadlock with the concurrent index builds of other instances.
            advisoryLockMode: 'fail',
            logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
          });
          return done.map(({ name }) => name);
        } catch (error) {
          const busy = error instanceof Error && error.message.startsWith('Another migration is already running');
          if (!busy || performance.now() > deadline) throw error;
          await pause(20 + Math.random() * 80);
        }
      }
    });
  }
}
