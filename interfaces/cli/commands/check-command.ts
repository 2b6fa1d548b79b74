import { PostgresDatabase } from '../../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresMigrations } from '../../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { readServingAccess } from '../../../infrastructure/postgres/migrations/serving-access.ts';
import { describeRewrites, type TableRewrite } from '../../../infrastructure/postgres/migrations/table-rewrite.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { describeConfiguration, readConfiguration } from '../../composition/configuration/configuration.ts';
import { describeSource, type LoadedSettings } from '../../composition/configuration/load-settings.ts';
import { describeAddress } from '../../composition/describe-address.ts';
import { withDatabase } from '../../composition/open-database.ts';
import { OperatorError } from '../../composition/operator-error.ts';
import { describeWeakness, findFaults } from '../../composition/prepare-database.ts';

const DATABASE_TIMEOUT_MS = 5_000;

/** Prints the effective configuration, where it comes from, and the state of the database. */
export async function check({ env, envFile, stdout }: CliContext, settings: LoadedSettings): Promise<void> {
  for (const warning of settings.warnings) stdout.write(`Warning: ${warning}\n`);
  const configuration = readConfiguration(env);
  if (envFile !== undefined) stdout.write(`Settings of .env: ${settings.file ?? `none, there is no ${envFile}`}\n`);
  for (const [name, value] of describeConfiguration(configuration)) {
    stdout.write(`${name.padEnd(24)}${value}  [${describeSource(name, env, settings)}]\n`);
  }

  stdout.write(`\nAddress: ${await describeAddress(configuration)}\n`);
  return withDatabase(configuration, async ({ url, ownerUrl, about }) => {
    const { databasePrepare: prepare, databaseEngine: engine } = configuration;
    const timeout = DATABASE_TIMEOUT_MS;
    const database = new PostgresDatabase({ url, poolSize: 1, prepare, timeout, engine });
    try {
      stdout.write(`Database: ${about}, answers as PostgreSQL ${await database.version()}\n`);
    } finally {
      await database.close();
    }
    const migrations = new PostgresMigrations(ownerUrl);
    const pending = await migrations.countPending();
    stdout.write(`Schema: ${describeSchema(pending, await migrations.pendingRewrites())}\n`);
    if (pending !== 0 && pending !== 'unknown') return;
    const access = await readServingAccess(url);
    const faults = findFaults(access, configuration);
    const weakness = describeWeakness(access);
    const isBound = weakness === undefined;
    stdout.write(
      `Role: ${access.role}, ${isBound ? '' : 'not '}bound by row-level security${isBound ? '' : `: ${weakness}`}\n`,
    );
    if (faults.length > 0) throw new OperatorError(faults.join('\n'));
  });
}

function describeSchema(pending: number | 'unknown', rewrites: readonly TableRewrite[]): string {
  if (pending === 'unknown') return 'unknown; the role may not read which migrations were applied';
  if (pending === 0) return 'up to date';
  if (rewrites.length === 0) return `${pending} pending; the next start or taskwell migrate applies them`;
  return `${pending} pending; taskwell migrate --allow-rewrite applies them\n${describeRewrites(rewrites)}`;
}
