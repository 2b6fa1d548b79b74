import { PostgresDatabase } from '../../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresMigrations } from '../../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { describeRewrites } from '../../../infrastructure/postgres/migrations/table-rewrite.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { describeConfiguration, readConfiguration } from '../../composition/configuration/configuration.ts';
import { withDatabase } from '../../composition/open-database.ts';

const DATABASE_TIMEOUT_MS = 5_000;

/** Prints the effective configuration and the state of the database. */
export async function check({ env, stdout }: CliContext): Promise<void> {
  const configuration = readConfiguration(env);
  for (const [name, value] of describeConfiguration(configuration)) stdout.write(`${name.padEnd(24)}${value}\n`);

  return withDatabase(configuration, async ({ url, about }) => {
    const { databasePrepare: prepare } = configuration;
    const database = new PostgresDatabase({ url, poolSize: 1, prepare, timeout: DATABASE_TIMEOUT_MS });
    try {
      stdout.write(`\nDatabase: ${about}, answers as PostgreSQL ${await database.version()}\n`);
    } finally {
      await database.close();
    }
    stdout.write(`Schema: ${await describeSchema(new PostgresMigrations(url))}\n`);
  });
}

async function describeSchema(migrations: PostgresMigrations): Promise<string> {
  const pending = await migrations.countPending();
  if (pending === 0) return 'up to date';
  const rewrites = await migrations.pendingRewrites();
  if (rewrites.length === 0) return `${pending} pending; the next start or taskwell migrate applies them`;
  return `${pending} pending; taskwell migrate --allow-rewrite applies them\n${describeRewrites(rewrites)}`;
}
