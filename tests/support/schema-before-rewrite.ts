import { migrationNames } from '../../infrastructure/postgres/migrations/migration-files.ts';
import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';

/** A migration that rewrites `tasks` and `task_counters`. */
export const REWRITING = '0003_domains';

/** Brings the schema of an empty database to the state before `REWRITING`. */
export async function schemaBeforeRewrite(url: string): Promise<PostgresMigrations> {
  const migrations = new PostgresMigrations(url);
  await migrations.up();
  const names = await migrationNames();
  await migrations.down(names.length - names.indexOf(REWRITING));
  return migrations;
}
