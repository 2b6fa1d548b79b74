import { realpathSync } from 'node:fs';
import pg from 'pg';
import type { Cluster } from './cluster.ts';
import { EmbeddedPostgresUnavailable } from './embedded-postgres-unavailable.ts';

const DATABASE = 'taskwell';

/** What a server says of itself. */
export interface Greeting {
  readonly url: string;
  readonly version: string;
  readonly fsync: string;
}

/** Connects, makes sure that this is the cluster's server and makes our database if need be. */
export async function greet(cluster: Cluster, port: number): Promise<Greeting> {
  const password = cluster.password();
  const server = { host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres', ssl: false };
  const client = new pg.Client({ ...server, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // it also rejects what is under way
  try {
    await client.connect();
    const [row] = (await client.query<GreetingRow>(GREETING, [DATABASE])).rows;
    if (row === undefined || realpathSync(row.directory) !== realpathSync(cluster.path))
      throw new Error('it serves another folder');
    if (!row.made) await client.query(`create database ${DATABASE}`);
    const url = `postgresql://postgres:${password}@127.0.0.1:${port}/${DATABASE}`;
    return { url, version: row.version.split(' ')[0] ?? row.version, fsync: row.fsync };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Whether such a server will not let us in, however often we ask. */
export function isDefinite(error: unknown): boolean {
  const isShuttingDown = error instanceof pg.DatabaseError && error.code?.startsWith('57');
  return error instanceof EmbeddedPostgresUnavailable || (error instanceof pg.DatabaseError && !isShuttingDown);
}

const GREETING = `
  select current_setting('data_directory') as directory,
    current_setting('server_version') as version,
    current_setting('fsync') as fsync,
    exists (select from pg_database where datname = $1) as made`;

interface GreetingRow {
  readonly directory: string;
  readonly version: string;
  readonly fsync: string;
  readonly made: boolean;
}
