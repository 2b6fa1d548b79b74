import pg from 'pg';
import { describe, expect } from 'vitest';
import { withMigrationLock } from '../../infrastructure/postgres/migrations/migration-lock.ts';
import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { SchemaChangeRefused } from '../../infrastructure/postgres/migrations/schema-change-refused.ts';
import { itWithDatabasePerTest } from '../support/database-fixtures.ts';

const it = itWithDatabasePerTest({ bare: true })
  .extend('client', async ({ database }, { onCleanup }) => {
    const client = new pg.Client(database.ownerUrl);
    await client.connect();
    onCleanup(() => client.end());
    return client;
  })
  .extend(
    'migrateAs',
    ({ database }) =>
      (url: string = database.ownerUrl) =>
        new PostgresMigrations(url).up(),
  );

function withOptions(url: string, options: string): string {
  const changed = new URL(url);
  changed.searchParams.set('options', options);
  return changed.href;
}

describe('migrations are refused in words', () => {
  it('if the role may not create tables', async ({ database, migrateAs }) => {
    const refusal = await migrateAs(database.url).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SchemaChangeRefused);
    expect(String(refusal)).toMatch(
      /may not create tables in the schema public: run grant create, usage on schema public/,
    );
  });

  it('if the tables belong to somebody else', async ({ database, migrateAs }) => {
    await migrateAs();
    await database.query(
      'grant create on schema public to taskwell_tests; grant select, insert, delete on taskwell_migrations to taskwell_tests',
    );
    await database.query(`delete from taskwell_migrations where name like '0005%'`);
    await expect(migrateAs(database.url)).rejects.toThrow(/belong to the role "postgres".*MIGRATION_DATABASE_URL/);
  });

  it('if the search_path names no schema', async ({ database, migrateAs }) => {
    const url = withOptions(database.ownerUrl, '-c search_path=nowhere');
    await expect(migrateAs(url)).rejects.toThrow(/No schema of the search_path \(nowhere\) exists/);
  });

  it('if transactions are read-only', async ({ database, migrateAs }) => {
    const url = withOptions(database.ownerUrl, '-c default_transaction_read_only=on');
    await expect(migrateAs(url)).rejects.toThrow(/Transactions are read-only: run alter role/);
  });

  it('if there is a table of the same name that Taskwell did not create', async ({ database, migrateAs }) => {
    await database.query('create table tasks (id int)');
    await expect(migrateAs()).rejects.toThrow(/schema public already has a table tasks.*search_path/);
    await database.query('create schema taskwell');
    await migrateAs(withOptions(database.ownerUrl, '-c search_path=taskwell,public'));
    expect((await database.query('select from taskwell.tasks')).rowCount).toBe(0);
  });

  it('if another transaction keeps a table locked', async ({ database, migrateAs }) => {
    await migrateAs();
    await new PostgresMigrations(database.ownerUrl).down(1);
    const holder = await database.holding('lock table tasks');
    try {
      await expect(migrateAs()).rejects.toThrow(/Another transaction has held a lock on a table for 5 s/);
    } finally {
      await holder.end();
    }
    expect(await migrateAs()).toHaveLength(1);
  });
});

describe('the lock of migrations', () => {
  /** Of this database: on the same server, other test files migrate theirs. */
  const HOLDERS = `
    from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and datname = current_database() and state = 'idle in transaction'`;
  const held = (client: pg.Client) =>
    expect.poll(async () => (await client.query(`select ${HOLDERS}`)).rowCount).toBe(1);

  it('names the session that holds it', async ({ database, client }) => {
    const holder = new pg.Client(database.ownerUrl);
    await holder.connect();
    let release = () => {};
    const holding = withMigrationLock(holder, () => new Promise<void>((resolve) => (release = resolve)));
    await held(client);
    await expect(withMigrationLock(client, async () => {}, 100)).rejects.toThrow(
      /another session has been migrating the schema for 0.1 s: process \d+ of role postgres from .*, idle in transaction/i,
    );
    release();
    await holding;
    await withMigrationLock(client, async () => {});
    await holder.end();
  });

  it('is free as soon as its holder is gone', async ({ database, client }) => {
    const holder = new pg.Client(database.ownerUrl);
    holder.on('error', () => {});
    await holder.connect();
    const holding = withMigrationLock(holder, () => new Promise<void>(() => {}));
    holding.catch(() => {});
    await held(client);
    const ended = new Promise<void>((resolve) => holder.once('end', resolve)); // `once` of events rejects on errors
    await client.query(`select pg_terminate_backend(pid) ${HOLDERS}`);
    await ended;
    expect(await withMigrationLock(client, async () => 'done', 5_000)).toBe('done');
  });
});
