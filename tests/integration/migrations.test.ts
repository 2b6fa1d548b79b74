import { describe, expect } from 'vitest';
import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { PostgresUserLink } from '../../infrastructure/postgres/migrations/postgres-user-link.ts';
import { itWithDatabasePerTest } from '../support/database-fixtures.ts';
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
    expect(await tables(database)).toEqual(['rate_limits', 'task_counters', 'tasks', 'taskwell_migrations']);
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
    const tasks = async () => (await database.query('select to_json(tasks) as task from tasks')).rows;
    const before = await tasks();
    const untilTables = (await migrations.status()).length - 1;
    await migrations.down(untilTables);
    expect(await tasks()).toEqual(before);
    await migrations.up();
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
