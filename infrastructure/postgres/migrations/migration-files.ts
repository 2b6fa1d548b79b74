import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The table that lists the applied migrations. */
export const MIGRATIONS_TABLE = 'taskwell_migrations';

export type Direction = 'up' | 'down';

/** The folder of the migrations, both for the sources and for the build. */
export function migrationsFolder(): string {
  return join(createRequire(import.meta.url).resolve('taskwell/package.json'), '..', 'migrations');
}

/** The names of all migrations of this version, in their order. @param folder default: those of the tasks */
export async function migrationNames(folder = migrationsFolder()): Promise<readonly string[]> {
  const files = await readdir(folder);
  return files.map((file) => file.replace(/\.\w+$/, '')).sort();
}

/**
 * The tables that a migration rewrites, as the comment `-- Rewrites: tasks, task_counters` in its up or down part says.
 * Without the comment, or with `-- Rewrites: nothing`, there are none.
 */
export async function rewrittenTables(name: string, direction: Direction): Promise<readonly string[]> {
  const sql = await readFile(join(migrationsFolder(), `${name}.sql`), 'utf8');
  const [up = '', down = ''] = sql.split(/^-- Down Migration$/m);
  const [, tables = 'nothing'] = /^-- Rewrites: (\w+(?:, \w+)*)$/m.exec(direction === 'up' ? up : down) ?? [];
  return tables === 'nothing' ? [] : tables.split(', ');
}
