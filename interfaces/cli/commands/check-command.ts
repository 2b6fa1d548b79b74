import { PostgresDatabase } from '../../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresMigrations } from '../../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { readServingAccess } from '../../../infrastructure/postgres/migrations/serving-access.ts';
import { describeRewrites, type TableRewrite } from '../../../infrastructure/postgres/migrations/table-rewrite.ts';
import { checkAddress } from '../../composition/check-address.ts';
import { checkRedis } from '../../composition/check-redis.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import {
  type Configuration,
  describeConfiguration,
  readConfiguration,
} from '../../composition/configuration/configuration.ts';
import { describeSource, type LoadedSettings } from '../../composition/configuration/load-settings.ts';
import { withDatabase } from '../../composition/open-database.ts';
import { explainError, OperatorError } from '../../composition/operator-error.ts';
import { describeWeakness, findFaults } from '../../composition/prepare-database.ts';

const DATABASE_TIMEOUT_MS = 5_000;

/**
 * Prints the effective configuration, where it comes from, and the state of what it names.
 *
 * @throws OperatorError with every fault that was found
 */
export async function check({ env, envFile, stdout }: CliContext, settings: LoadedSettings): Promise<void> {
  for (const warning of settings.warnings) stdout.write(`Warning: ${warning}\n`);
  const configuration = readConfiguration(env);
  if (envFile !== undefined) stdout.write(`Settings of .env: ${settings.file ?? `none, there is no ${envFile}`}\n`);
  for (const [name, value] of describeConfiguration(configuration)) {
    stdout.write(`${name.padEnd(24)}${value}  [${describeSource(name, env, settings)}]\n`);
  }

  const address = await checkAddress(configuration);
  stdout.write(`\nAddress: ${address.about}\n`);
  const store = configuration.rateLimits?.store ?? '';
  const redis = /^rediss?:/.test(store) ? await checkRedis(store) : undefined;
  if (redis !== undefined) stdout.write(`Redis: ${redis.about}\n`);
  const databaseFaults = await checkDatabase(configuration, stdout).catch((error) => [explainError(error).text]);
  const faults = [address.fault, redis?.fault, ...databaseFaults].filter((fault) => fault !== undefined);
  if (faults.length > 0) throw new OperatorError(faults.join('\n'));
}

/** Prints the state of the database. @returns reasons why a server would not start on it */
function checkDatabase(configuration: Configuration, stdout: CliContext['stdout']): Promise<readonly string[]> {
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
    if (pending !== 0 && pending !== 'unknown') return [];
    const access = await readServingAccess(url);
    const weakness = describeWeakness(access);
    const isBound = weakness === undefined;
    stdout.write(
      `Role: ${access.role}, ${isBound ? '' : 'not '}bound by row-level security${isBound ? '' : `: ${weakness}`}\n`,
    );
    return findFaults(access, configuration);
  });
}

function describeSchema(pending: number | 'unknown', rewrites: readonly TableRewrite[]): string {
  if (pending === 'unknown') return 'unknown; the role may not read which migrations were applied';
  if (pending === 0) return 'up to date';
  if (rewrites.length === 0) return `${pending} pending; the next start or taskwell migrate applies them`;
  return `${pending} pending; taskwell migrate --allow-rewrite applies them\n${describeRewrites(rewrites)}`;
}
