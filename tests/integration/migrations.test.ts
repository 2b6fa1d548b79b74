import { describe, expect, onTestFinished, vi } from 'vitest';
import { migrationNames, rewrittenTables } from '../../infrastructure/postgres/migrations/migration-files.ts';
import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { PostgresUserLink } from '../../infrastructure/postgres/migrations/postgres-user-link.ts';
import { itWithDatabasePerTest } from '../support/database-fixtures.ts';
import { REWRITING, schemaBeforeRewrite } from '../support/schema-before-rewrite.ts';
import type { TestDatabase } from '../support/test-database.ts';

const it = itWithDatabasePerTest({ bare: true });

describe('the schema', () => {
  const tables = async (database: TestDatabase) =>
    (
      await database.query(`select table_name from information_schema.tables where table_schema = 'public' order by 1`)
    ).rows.map(({ table_name }) => table_name);

  const domains = async (database: TestDatabase) =>
    (await database.query('select domain_name from information_schema.domains where domain_schema = $1', ['public']))
      .rows;

  it('can be created, dropped and created again', async ({ database }) => {
    const migrations = new PostgresMigrations(database.ownerUrl);
    expect((await migrations.status()).every(({ appliedAt }) => appliedAt === undefined)).toBe(true);
    const applied = await migrations.up();
    expect(applied[0]).toBe('0001_tasks');
    expect(await tables(database)).toEqual([
      'idempotency_keys',
      'rate_limits',
      'task_counters',
      'task_deletions',
      'tasks',
      'taskwell_migrations',
    ]);
    expect((await migrations.status()).every(({ appliedAt }) => appliedAt instanceof Date)).toBe(true);
    expect(await migrations.up()).toEqual([]);
    expect(await migrations.down(applied.length)).toEqual([...applied].reverse());
    expect(await tables(database)).toEqual(['taskwell_migrations']);
    expect(await domains(database)).toEqual([]);
    expect(await migrations.up()).toEqual(applied);
  });

  it('is created once when six instances start at the same time', async ({ database }) => {
    const applied = await Promise.all(Array.from({ length: 6 }, () => new PostgresMigrations(database.ownerUrl).up()));
    expect(applied.flat()).toEqual((await new PostgresMigrations(database.ownerUrl).status()).map(({ name }) => name));
  });

  it('leaves the tables of Better Auth alone in both directions', async ({ database }) => {
    await database.query('create table "user" ("id" text primary key, "name" text not null)');
    await database.query(`insert into "user" values ('k3JdP0', 'Ann')`);
    const shape = async () =>
      (await database.query(`select column_name, data_type from information_schema.columns where table_name = 'user'`))
        .rows;
    const before = await shape();
    const migrations = new PostgresMigrations(database.ownerUrl);
    await migrations.up();
    await migrations.down(1);
    expect(await shape()).toEqual(before);
    expect((await database.query('select * from "user"')).rows).toEqual([{ id: 'k3JdP0', name: 'Ann' }]);
  });

  it.for<[what: string, values: string]>([
    ['an empty title', `'', null`],
    ['a title with a space before it', `' x', null`],
    ['a title with an exotic space after it', `'x\u3000', null`],
    ['a title of 501 code points', `repeat('🛒', 501), null`],
    ['a description of 100,001 code points', `'x', repeat('🛒', 100001)`],
  ])('refuses, as the domain does, %s', async ([, values], { database }) => {
    await new PostgresMigrations(database.ownerUrl).up();
    const insert = (what: string) =>
      database.query(
        `insert into tasks (user_id, id, number, title, description) values ('u', gen_random_uuid(), 1, ${what})`,
      );
    await expect(insert(values)).rejects.toMatchObject({ code: '23514' });
    await expect(insert(`repeat('🛒', 500), repeat('🛒', 100000)`)).resolves.toMatchObject({ rowCount: 1 });
  });

  it('keeps existing tasks and their links to users through each migration', async ({ database }) => {
    const migrations = new PostgresMigrations(database.ownerUrl);
    await migrations.up();
    await database.query('create table "user" ("id" text primary key)');
    await database.query(`insert into "user" values ('k3JdP0')`);
    await database.query(`insert into task_counters values ('k3JdP0', 1)`);
    await database.query(
      `insert into tasks (user_id, id, number, title) values ('k3JdP0', gen_random_uuid(), 1, 'Milk')`,
    );
    await new PostgresUserLink(database.ownerUrl).link('"user"', { deleteOrphans: false });
    const tasks = async () => (await database.query(`select to_jsonb(tasks) - 'position' as task from tasks`)).rows;
    const before = await tasks();
    const untilTables = (await migrations.status()).length - 1;
    const allow = () => {};
    await migrations.down(untilTables, allow);
    expect(await tasks()).toEqual(before);
    await migrations.up(allow);
    expect(await tasks()).toEqual(before);
    await database.query('delete from "user"');
    expect(await tasks()).toEqual([]);
  });

  it('trims the same characters as the domain', async ({ database }) => {
    await new PostgresMigrations(database.ownerUrl).up();
    const [{ definition }] = (
      await database.query(
        `select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'task_title_trimmed'`,
      )
    ).rows;
    const trims = (character: string) => definition.includes(character);
    for (let code = 1; code < 0x10000; code += 1) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const character = String.fromCodePoint(code);
      if (character.trim() === '') expect(trims(character), `U+${code.toString(16)}`).toBe(true);
    }
  });
});

describe('a migration that rewrites a table', () => {
  it('is refused while the table has rows, and goes on where that is allowed', async ({ database }) => {
    const migrations = await schemaBeforeRewrite(database.ownerUrl);
    await database.query(`insert into task_counters select 'user ' || n, 1 from generate_series(1, 1234) as n`);
    const pending = await migrations.countPending();
    await expect(migrations.up()).rejects.toThrow(`${REWRITING} rewrites task_counters: about 1,234 rows`);
    expect(await migrations.countPending()).toBe(pending);
    const announce = vi.fn();
    expect((await migrations.up(announce))[0]).toBe(REWRITING);
    const rewrite = {
      migration: '0003_domains',
      table: 'task_counters',
      rows: 1234,
      size: expect.stringMatching(/kB$/),
    };
    expect(announce.mock.calls).toEqual([[expect.arrayContaining([rewrite])]]);
  });

  it('estimates the rows of a large table', async ({ database }) => {
    const migrations = await schemaBeforeRewrite(database.ownerUrl);
    await database.query(`insert into task_counters select 'user ' || n, 1 from generate_series(1, 20000) as n`);
    await database.query('analyze task_counters');
    await expect(migrations.up()).rejects.toThrow('about 20,000 rows');
  });

  it('needs no consent on empty tables', async ({ database }) => {
    const migrations = await schemaBeforeRewrite(database.ownerUrl);
    expect((await migrations.up())[0]).toBe(REWRITING);
  });

  it('is not refused because of the rows that appear once another instance has applied it', async ({ database }) => {
    const migrations = await schemaBeforeRewrite(database.ownerUrl);
    const other = await database.holding('lock table tasks in access exclusive mode');
    onTestFinished(() => other.end());
    const waiting = migrations.up();
    await database.lockAwaited();
    await other.query(`insert into task_counters values ('ann', 1)`);
    await other.query(`insert into tasks (user_id, id, number, title) values ('ann', gen_random_uuid(), 1, 'Milk')`);
    for (const name of await migrationNames()) {
      await other.query(
        `insert into taskwell_migrations (name, run_on)
         select $1::text, now() where not exists (select from taskwell_migrations where name = $1)`,
        [name],
      );
    }
    await other.query('commit');
    expect(await waiting).toEqual([]);
  });

  it('names exactly the tables that PostgreSQL rewrites, up and down', async ({ database }) => {
    const files = async (): Promise<Map<string, string>> => {
      const { rows } = await database.query(
        `select relname, pg_relation_filenode(oid)::text as file from pg_class
         where relkind = 'r' and relnamespace = 'public'::regnamespace`,
      );
      return new Map(rows.map(({ relname, file }) => [relname, file]));
    };
    const rewrittenBy = async (work: () => Promise<unknown>): Promise<string[]> => {
      const before = await files();
      await work();
      const after = await files();
      return [...before].filter(([table, file]) => (after.get(table) ?? file) !== file).map(([table]) => table);
    };
    const migrations = new PostgresMigrations(database.ownerUrl);
    await migrations.up();
    const names = await migrationNames();
    for (let reverted = 1; reverted < names.length; reverted += 1) {
      const pending = names.slice(-reverted);
      const [name = ''] = pending;
      const down = await rewrittenBy(() => migrations.down(1));
      expect(down.sort(), `${name}, down`).toEqual((await rewrittenTables(name, 'down')).toSorted());
      const up = await rewrittenBy(() => migrations.up());
      const named = await Promise.all(pending.map((pending) => rewrittenTables(pending, 'up')));
      expect(up.sort(), `${name} and later, up`).toEqual([...new Set(named.flat())].sort());
      await migrations.down(reverted);
    }
  });
});
