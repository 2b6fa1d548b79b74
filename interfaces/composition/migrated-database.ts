import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { CONTRACT_NAMES } from '../http/contracts/contracts.ts';
import type { CliContext } from './cli-context.ts';
import { readConfiguration } from './configuration/configuration.ts';
import { OperatorFault } from './faults.ts';
import { openDatabase } from './open-database.ts';

/** Works on the configured database, whose schema has to be up to date. @param work gets its connection string */
export async function onMigratedDatabase<Result>(
  env: CliContext['env'],
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(readConfiguration(env, CONTRACT_NAMES));
  try {
    const status = await new PostgresMigrations(database.url).status();
    if (status.some(({ appliedAt }) => appliedAt === undefined)) {
      throw new OperatorFault('The schema is not up to date: run taskwell migrate first');
    }
    return await work(database.url);
  } finally {
    await database.stop();
  }
}
