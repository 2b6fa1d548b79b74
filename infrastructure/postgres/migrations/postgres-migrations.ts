import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onDirectConnection } from '../connection/direct-connection.ts';

export interface MigrationStatus {
  readonly name: string;
  /** When it was applied; `undefined` while it is pending. */
  readonly appliedAt: Date | undefined;
}

/** How long to wait for another instance that migrates at the same time, in milliseconds. */
const PATIENCE = 60_000;
const TABLE = 'taskwell_migrations';

/** The schema's history, in `migrations/`. Safe to run from several instances at once. */
export class PostgresMigrations {
  constructor(private readonly url: string) {}

  async status(): Promise<readonly MigrationStatus[]> {
    const applied = await onDirectConnection(this.url, async (client) => {
      const { rows } = await client.query<{ known: boolean }>(`select to_regclass($1) is not null as known`, [TABLE]);
      if (rows[0]?.known !== true) return [];
      return (await client.query<{ name: string; run_on: Date }>(`select name, run_on from ${TABLE}`)).rows;
    });
    const appliedAt = new Map(applied.map(({ name, run_on }) => [name, run_on]));
    return (await names()).map((name) => ({ name, appliedAt: appliedAt.get(name) }));
  }

  /** Applies what is pending, all or nothing; gives the names of what it applied. */
  async up(): Promise<readonly string[]> {
    const pending = (await this.status()).some(({ appliedAt }) => appliedAt === undefined);
    return pending ? this.run('up', Number.POSITIVE_INFINITY) : [];
  }

  /** Takes the last `count` migrations back, and with them what they hold. */
  down(count: number): Promise<readonly string[]> {
    return this.run('down', count);
  }

  private run(direction: 'up' | 'down', count: number): Promise<readonly string[]> {
    return onDirectConnection(this.url, async (dbClient) => {
      const { runner } = await import('node-pg-migrate');
      const deadline = Date.now() + PATIENCE;
      for (;;) {
        try {
          const quiet = () => {};
          const done = await runner({
            dbClient,
            dir: directory(),
            direction,
            count,
            migrationsTable: TABLE,
            singleTransaction: true,
            // `wait` would hold a snapshot that concurrent index builds of other instances wait for, and deadlock.
            advisoryLockMode: 'fail',
            logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
          });
          return done.map(({ name }) => name);
        } catch (error) {
          const busy = error instanceof Error && error.message.startsWith('Another migration is already running');
          if (!busy || Date.now() > deadline) throw error;
          await pause(20 + Math.random() * 80);
        }
      }
    });
  }
}

/** Where the migrations lie, seen from the sources and from the build alike. */
function directory(): string {
  return join(createRequire(import.meta.url).resolve('taskwell/package.json'), '..', 'migrations');
}

async function names(): Promise<readonly string[]> {
  const files = await readdir(directory());
  return files.map((file) => file.replace(/\.\w+$/, '')).sort();
}
