import { ACCOUNTS_POOL_SIZE } from '../../infrastructure/accounts/accounts-pool-size.ts';
import { EmbeddedPostgres } from '../../infrastructure/embedded-postgres/embedded-postgres.ts';
import { findRunningServer } from '../../infrastructure/embedded-postgres/running-server.ts';
import { databaseAddress } from '../../infrastructure/postgres/connection/connection-string.ts';
import type { CliContext } from './cli-context.ts';
import { type Configuration, readConfiguration } from './configuration/configuration.ts';
import { OperatorError } from './operator-error.ts';

/** A database that accepts connections. */
export interface OpenDatabase {
  /** Signs in the role that serves requests. */
  readonly url: string;
  /** Signs in the owner of the tables, which migrates them. */
  readonly ownerUrl: string;
  /** A description for operators: which database it is, and where its files are. */
  readonly about: string;
  /** Stops the embedded database. Does nothing for any other database. */
  stop(): Promise<void>;
}

/** Connections of the embedded database in addition to those of the workers, and its minimum in total. */
const SPARE_CONNECTIONS = 20;
const MIN_CONNECTIONS = 100;

/**
 * Opens the configured database, or starts the embedded one if none is configured.
 *
 * @param signal kills the embedded database when it aborts
 * @throws EmbeddedPostgresUnavailable
 */
export async function openDatabase(configuration: Configuration, signal?: AbortSignal): Promise<OpenDatabase> {
  const { databaseUrl, migrationDatabaseUrl, databasePoolSize, workers, dataDir, signIn } = configuration;
  if (databaseUrl !== undefined) {
    const ownerUrl = migrationDatabaseUrl ?? databaseUrl;
    return { url: databaseUrl, ownerUrl, about: databaseAddress(databaseUrl), stop: async () => {} };
  }
  const perWorker = databasePoolSize + (signIn === undefined ? 0 : ACCOUNTS_POOL_SIZE);
  const connections = Math.max(MIN_CONNECTIONS, workers * perWorker + SPARE_CONNECTIONS);
  const settings = { max_connections: String(connections) };
  const embedded = await EmbeddedPostgres.start({ directory: dataDir, settings, signal });
  return describeEmbedded(embedded, () => embedded.stop());
}

/**
 * Runs `work` on the configured database. If that is the embedded one, uses the one that a running server has started, or
 * else starts it and stops it afterwards.
 */
export async function withDatabase<Result>(
  configuration: Configuration,
  work: (database: OpenDatabase) => Promise<Result>,
): Promise<Result> {
  const running = configuration.databaseUrl === undefined ? await findRunningServer(configuration.dataDir) : undefined;
  const database = running ? describeEmbedded(running, async () => {}) : await openDatabase(configuration);
  try {
    return await work(database);
  } finally {
    await database.stop();
  }
}

/** Runs `work` on the configured database. @throws OperatorError if its schema is not up to date */
export function withMigratedDatabase<Result>(
  env: CliContext['env'],
  work: (database: OpenDatabase, configuration: Configuration) => Promise<Result>,
): Promise<Result> {
  const configuration = readConfiguration(env);
  return withDatabase(configuration, async (database) => {
    const { PostgresMigrations } = await import('../../infrastructure/postgres/migrations/postgres-migrations.ts');
    const pending = await new PostgresMigrations(database.ownerUrl).countPending();
    if (pending !== 'unknown' && pending > 0) {
      throw new OperatorError('The schema is not up to date: run taskwell migrate first');
    }
    return work(database, configuration);
  });
}

function describeEmbedded(
  server: Pick<EmbeddedPostgres, 'url' | 'servingUrl' | 'version' | 'directory'>,
  stop: () => Promise<void>,
): OpenDatabase {
  const about = `PostgreSQL ${server.version}, embedded; its files are in ${server.directory}`;
  return { url: server.servingUrl, ownerUrl: server.url, about, stop };
}
