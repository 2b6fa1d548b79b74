import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';
import type { CliContext } from '../composition/cli-context.ts';
import { readConfiguration } from '../composition/configuration/configuration.ts';
import { openDatabase } from '../composition/open-database.ts';
import { CONTRACT_NAMES } from '../http/contracts/contracts.ts';

export interface MigrateOptions {
  /** How many migrations to take back, instead of applying those that are pending. */
  readonly down?: number;
  /** Only tell which are applied. */
  readonly status?: boolean;
}

/** Brings the schema up to date, takes migrations back, or tells how it stands; gives the exit code. */
export async function migrate({ env, stdout }: CliContext, { down, status }: MigrateOptions): Promise<number> {
  const database = await openDatabase(readConfiguration(env, CONTRACT_NAMES));
  try {
    const migrations = new PostgresMigrations(database.url);
    if (status === true) {
      for (const { name, appliedAt } of await migrations.status()) {
        stdout.write(`${name}  ${appliedAt === undefined ? 'pending' : `applied ${appliedAt.toISOString()}`}\n`);
      }
      return 0;
    }
    const done = down === undefined ? await migrations.up() : await migrations.down(down);
    for (const name of done) stdout.write(`${name}  ${down === undefined ? 'applied' : 'taken back'}\n`);
    if (done.length === 0) stdout.write('Nothing to do\n');
    return 0;
  } finally {
    await database.stop();
  }
}
