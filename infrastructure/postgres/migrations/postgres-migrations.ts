import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { errorCode } from '../../error-code.ts';
import { onDirectConnection } from '../connection/direct-connection.ts';

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
    try {
      return (await this.status()).filter(({ appliedAt }) => appliedAt === undefined).length;
    } catch (error) {
      if (errorCode(error) === INSUFFICIENT_PRIVILEGE) return 'unknown';
      throw error;
    }
  }

  /**
   * Applies the pending migrations, all or none, and returns their names. Does nothing as a role that may not read which
   * ones were applied: their owner applies them.
   */
  async up(): Promise<readonly string[]> {
    const pending = await this.countPending();
    return pending === 0 || pending === 'unknown' ? [] : this.run('up', Number.POSITIVE_INFINITY);
  }

  /** Reverts the last `count` migrations, which deletes their data, and returns their names. */
  down(count: number): Promise<readonly string[]> {
    return this.run('down', count);
  }

  private run(direction: 'up' | 'down', count: number): Promise<readonly string[]> {
    return onDirectConnection(this.url, async (dbClient) => {
      const { runner } = await import('node-pg-migrate');
      const deadline = performance.now() + WAIT_MS;
      for (;;) {
        try {
          const quiet = () => {};
          const done = await runner({
            dbClient,
            dir: directory(),
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

/** The folder of the migrations, both for the sources and for the build. */
function directory(): string {
  return join(createRequire(import.meta.url).resolve('taskwell/package.json'), '..', 'migrations');
}

/** The names of all migrations of this version, in their order. */
export async function migrationNames(): Promise<readonly string[]> {
  const files = await readdir(directory());
  return files.map((file) => file.replace(/\.\w+$/, '')).sort();
}
