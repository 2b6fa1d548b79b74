import pg from 'pg';
import type { PostgresDatabase } from '../connection/postgres-database.ts';
import type { Statement } from '../connection/statement.ts';
import { MIGRATIONS_TABLE, migrationNames } from './migration-files.ts';

/**
 * How the schema of the database compares with this version of Taskwell. It is `unknown` to a role that may not read the
 * table of migrations.
 */
export type SchemaState = 'current' | 'older' | 'newer' | 'unknown';

/** The schema as requests see it: through the connections that serve them. */
export class PostgresSchema {
  private expected: readonly string[] | undefined;

  constructor(private readonly database: Pick<PostgresDatabase, 'run'>) {}

  /**
   * Compares the migrations of this version with those that were applied, in one statement.
   *
   * @throws Unavailable while the database is out of reach
   */
  async state(): Promise<SchemaState> {
    this.expected ??= await migrationNames();
    const { expected } = this;
    const applied = await this.appliedMigrations();
    if (applied === 'unknown') return 'unknown';
    if (expected.some((name) => !applied.includes(name))) return 'older';
    return applied.every((name) => expected.includes(name)) ? 'current' : 'newer';
  }

  private async appliedMigrations(): Promise<readonly string[] | 'unknown'> {
    try {
      const rows = await this.database.run(APPLIED, []);
      return rows.map(([name]) => name ?? '');
    } catch (error) {
      const code = error instanceof pg.DatabaseError ? error.code : undefined;
      if (code === '42P01') return []; // undefined_table: nothing was ever applied
      if (code === '42501') return 'unknown'; // insufficient_privilege
      throw error;
    }
  }
}

const APPLIED: Statement = {
  name: 'taskwell_applied_migrations',
  text: `select name from ${MIGRATIONS_TABLE}`,
  reads: true,
};
