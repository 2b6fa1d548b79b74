import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { usesPooler } from './pooler-for-tests.ts';
import { TEMPLATE, withDatabase, withServingRole } from './postgres-for-tests.ts';

export interface TestDatabase {
  /** Signs in a role that row-level security binds, as servers should. Leads to the server itself. */
  readonly url: string;
  /** Signs in the superuser, who owns the tables. */
  readonly ownerUrl: string;
  /** The settings of a server on this database. They lead through the pooler if the tests use one. */
  readonly settings: {
    readonly DATABASE_URL: string;
    readonly MIGRATION_DATABASE_URL: string;
    readonly DATABASE_PREPARE: 'on' | 'off';
  };
  /** Runs SQL as the superuser. */
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>;
  /** Runs a statement in a transaction, which holds its locks until the client ends or commits. */
  holding(statement: string): Promise<pg.Client>;
  /** Waits until a session of this database waits for a lock. */
  lockAwaited(): Promise<void>;
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Whether the database has no table. By default it is migrated. */
  readonly bare?: boolean;
}

/** Creates a database on the test server. */
export async function createTestDatabase({ bare = false }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const admin = inject('postgresUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await run(admin, `create database ${name} template ${bare ? 'template0' : TEMPLATE}`);
  const ownerUrl = withDatabase(admin, name);
  const url = withServingRole(ownerUrl);
  return {
    url,
    ownerUrl,
    settings: {
      DATABASE_URL: usesPooler ? withDatabase(inject('poolerUrl'), name) : url,
      MIGRATION_DATABASE_URL: ownerUrl,
      DATABASE_PREPARE: usesPooler ? 'off' : 'on',
    },
    query: (text, values) => run(ownerUrl, text, values),
    holding: (statement) => holding(ownerUrl, statement),
    lockAwaited: () => lockAwaited(ownerUrl),
    drop: async () => void (await run(admin, `drop database ${name} with (force)`)),
  };
}

async function run(url: string, text: string, values: unknown[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await client.query(text, values);
  } finally {
    await client.end();
  }
}

async function holding(url: string, statement: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => {}); // the database may be dropped while the client is connected
  await client.connect();
  await client.query('begin');
  await client.query(statement);
  return client;
}

/** A lock on a transaction has no database, so the database comes from the session. */
const AWAITED =
  'select from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()';

async function lockAwaited(url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if ((await run(url, AWAITED)).rowCount !== 0) return;
  }
  throw new Error('No session waits for a lock');
}
