import { realpathSync } from 'node:fs';
import pg from 'pg';
import type { Cluster } from './cluster.ts';

const DATABASE = 'taskwell';
const SERVING_ROLE = 'taskwell_app';
const CONNECT_TIMEOUT_MS = 10_000;

/** What a server reports about itself. */
export interface ServerStatus {
  /** The connection string of Taskwell's database, as the superuser. */
  readonly url: string;
  /** The same as a role that row-level security binds. */
  readonly servingUrl: string;
  readonly version: string;
}

/**
 * Connects to a server, verifies that it runs on the cluster, and creates Taskwell's database and the role that serves
 * requests if they do not exist. That role has the password of the superuser.
 *
 * @throws Error if the server cannot be reached or runs on other files
 */
export async function probeServer(cluster: Cluster, port: number): Promise<ServerStatus> {
  const password = cluster.password();
  const server = { host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres', ssl: false };
  const client = new pg.Client({ ...server, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined); // the pending query rejects as well
  try {
    await client.connect();
    const [row] = (await client.query<StatusRow>(STATUS, [DATABASE, SERVING_ROLE])).rows;
    if (row === undefined || realpathSync(row.directory) !== realpathSync(cluster.path)) {
      throw new Error('it serves another folder');
    }
    if (!row.database_exists) await client.query(`create database ${DATABASE}`);
    if (!row.role_exists) {
      await client.query(`create role ${SERVING_ROLE} login password ${pg.escapeLiteral(password)}`);
    }
    const urlOf = (role: string) => `postgresql://${role}:${password}@127.0.0.1:${port}/${DATABASE}`;
    return {
      url: urlOf('postgres'),
      servingUrl: urlOf(SERVING_ROLE),
      version: row.version.split(' ')[0] ?? row.version,
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

const STATUS = `
  select current_setting('data_directory') as directory,
    current_setting('server_version') as version,
    exists (select from pg_database where datname = $1) as database_exists,
    exists (select from pg_roles where rolname = $2) as role_exists`;

interface StatusRow {
  readonly directory: string;
  readonly version: string;
  readonly database_exists: boolean;
  readonly role_exists: boolean;
}
