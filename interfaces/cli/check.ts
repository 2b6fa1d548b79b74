import { described, readConfiguration } from '../../infrastructure/configuration.ts';
import { PostgresDatabase } from '../../infrastructure/postgres/postgres-database.ts';
import { PostgresMigrations } from '../../infrastructure/postgres/postgres-migrations.ts';
import { CONTRACT_NAMES } from '../http/contracts/contracts.ts';
import { openDatabase } from './open-database.ts';
import type { Surroundings } from './surroundings.ts';

/** Milliseconds to wait for the database. */
const TIMEOUT = 5_000;

/** Prints what is in force and tries the database; gives the exit code. */
export async function check({ env, stdout }: Surroundings): Promise<number> {
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
