import type pg from 'pg';
import { type Direction, MIGRATIONS_TABLE } from './migration-files.ts';

export interface MigrationRun {
  /** The folder of the migrations. */
  readonly dir: string;
  readonly direction: Direction;
  /** How many migrations are applied or reverted at most. Default: all pending ones, or one. */
  readonly count?: number;
  /** The schema of the table that lists the applied ones. Default: the first one of the search_path. */
  readonly schema?: string;
}

/** Applies or reverts migrations, all or none, and returns their names. Call it within `withMigrationLock`. */
export async function runMigrations(
  client: pg.Client,
  { dir, direction, count, schema }: MigrationRun,
): Promise<readonly string[]> {
  const { runner } = await import('node-pg-migrate');
  const quiet = () => {};
  const done = await runner({
    dbClient: client,
    dir,
    direction,
    ...(count !== undefined && { count }),
    migrationsTable: MIGRATIONS_TABLE,
    ...(schema !== undefined && { migrationsSchema: schema }),
    singleTransaction: true,
    noLock: true, // its lock belongs to the session, which a pooler may hand to somebody else
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  return done.map(({ name }) => name);
}
