import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';
import type { CliContext } from '../composition/cli-context.ts';
import { described, readConfiguration } from '../composition/configuration/configuration.ts';
import { openDatabase } from '../composition/open-database.ts';
import { CONTRACT_NAMES } from '../http/contracts/contracts.ts';

/** Milliseconds to wait for the database. */
const TIMEOUT = 5_000;

/** Prints what is in force and tries the database; gives the exit code. */
export async function check({ env, stdout }: CliContext): Promise<number> {
  const configuration = readConfiguration(env, CONTRACT_NAMES);
  for (const [name, value] of described(configuration)) stdout.write(`${name.padEnd(24)}${value}\n`);

  const opened = await openDatabase(configuration);
  const { databasePrepare: prepare } = configuration;
  const database = new PostgresDatabase({ url: opened.url, poolSize: 1, prepare, timeout: TIMEOUT });
  try {
    stdout.write(`\nDatabase: ${opened.about}, answers as PostgreSQL ${await database.version()}\n`);
    const status = await new PostgresMigrations(opened.url).status();
    const pending = status.filter(({ appliedAt }) => appliedAt === undefined).length;
    stdout.write(
      `Schema: ${pending === 0 ? 'up to date' : `${pending} pending; the next start, or taskwell migrate, applies them`}\n`,
    );
    return 0;
  } finally {
    await database.close();
    await opened.stop();
  }
}
