import { EmbeddedPostgres } from '../../infrastructure/embedded-postgres/embedded-postgres.ts';
import { databaseAddress } from '../../infrastructure/postgres/connection/connection-string.ts';
import type { Configuration } from './configuration/configuration.ts';

/** The database of a configuration, ready to connect to. */
export interface OpenDatabase {
  readonly url: string;
  /** For people: which database, and where its files lie. */
  readonly about: string;
  /** Stops the embedded database; another one is none of our business. */
  stop(): Promise<void>;
  /** The same at once, without waiting. */
  kill(): void;
}

/** Connections of the embedded database that are left for others, and the fewest that it takes. */
const SPARE = 20;
const FEWEST = 100;

/** Starts the embedded database where no other is configured. @throws EmbeddedPostgresUnavailable */
export async function openDatabase(configuration: Configuration): Promise<OpenDatabase> {
  const { databaseUrl, databasePoolSize, workers, dataDir } = configuration;
  if (databaseUrl !== undefined) {
    return { url: databaseUrl, about: databaseAddress(databaseUrl), stop: async () => {}, kill: () => {} };
  }
  const connections = Math.max(FEWEST, workers * databasePoolSize + SPARE);
  const settings = { max_connections: String(connections) };
  const embedded = await EmbeddedPostgres.start({ directory: dataDir, settings });
  return {
    url: embedded.url,
    about: `PostgreSQL ${embedded.version}, embedded; its files are in ${embedded.directory}`,
    stop: () => embedded.stop(),
    kill: () => embedded.kill(),
  };
}
