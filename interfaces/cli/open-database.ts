import type { Configuration } from '../../infrastructure/configuration.ts';
import { EmbeddedPostgres } from '../../infrastructure/embedded-postgres/embedded-postgres.ts';
import { addressOf } from '../../infrastructure/postgres/connection-settings.ts';

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

/** Starts the embedded database where no other is configured. @throws EmbeddedPostgresUnavailable */
export async function openDatabase({ databaseUrl, dataDir }: Configuration): Promise<OpenDatabase> {
  if (databaseUrl !== undefined) {
    return { url: databaseUrl, about: addressOf(databaseUrl), stop: async () => {}, kill: () => {} };
  }
  const embedded = await EmbeddedPostgres.start({ directory: dataDir });
  return {
    url: embedded.url,
    about: `PostgreSQL ${embedded.version}, embedded; its files are in ${embedded.directory}`,
    stop: () => embedded.stop(),
    kill: () => embedded.kill(),
  };
}
