import { errorCode } from '../../error-code.ts';
import { onDirectConnection } from '../connection/direct-connection.ts';
import { type Direction, MIGRATIONS_TABLE, migrationNames, migrationsFolder } from './migration-files.ts';
import { withMigrationLock } from './migration-lock.ts';
import { findObstacle } from './migration-obstacles.ts';
import { runMigrations } from './run-migrations.ts';
import { SchemaChangeRefused } from './schema-change-refused.ts';
import { type BeforeRewrite, findRewrites, refuseRewrite, type TableRewrite } from './table-rewrite.ts';

export interface MigrationStatus {
  readonly name: string;
  /** When it was applied; `undefined` while it is pending. */
  readonly appliedAt: Date | undefined;
}

/** Numbers do not depend on the date format and the time zone of the session. The table has local times. */
const APPLIED = `select name, date_part('epoch', run_on::timestamptz) as epoch from ${MIGRATIONS_TABLE}`;
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
      return (await client.query<{ name: string; epoch: number }>(APPLIED)).rows;
    });
    const appliedAt = new Map(applied.map(({ name, epoch }) => [name, new Date(epoch * 1_000)]));
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
   * @throws SchemaChangeRefused by default in that case
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
    return onDirectConnection(this.url, (client) =>
      withMigrationLock(client, async () => {
        const obstacle = await findObstacle(client);
        if (obstacle !== undefined) throw new SchemaChangeRefused(obstacle);
        return runMigrations(client, { dir: migrationsFolder(), direction, count });
      }),
    );
  }
}
