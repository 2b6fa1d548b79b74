import { v7 } from 'uuid';
import { describe, expect } from 'vitest';
import { Unavailable } from '../../application/application-errors.ts';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { distributeTables } from '../../infrastructure/postgres/migrations/citus-distribution.ts';
import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { STATEMENTS } from '../../infrastructure/postgres/tasks/statements.ts';
import { actionsOn } from '../conformance/actions.ts';
import { aNewTask, aUser } from '../conformance/builders.ts';
import { itWithDatabasePerTest } from '../support/database-fixtures.ts';
import { SECRET } from '../support/running-app.ts';
import { serving } from '../support/serving.ts';

/** The part of the catalog and the function of Citus that Taskwell uses, on one node. */
const CITUS_STAND_IN = `
  create table pg_dist_partition (logicalrelid regclass, partmethod "char");
  grant select on pg_dist_partition to public;
  create function create_distributed_table(name text, key text, colocate_with text) returns void language plpgsql as $$
    begin insert into pg_dist_partition values (name::regclass, 'h'); end $$`;

/** A connection string with a schema of its own. */
function inSchema(url: string, schema: string): string {
  const changed = new URL(url);
  changed.searchParams.set('options', `-c search_path=${schema}`);
  return changed.href;
}

const it = itWithDatabasePerTest();

/** The tables of tasks, in the order in which they are distributed. */
const TABLES = ['task_counters', 'tasks', 'task_deletions', 'idempotency_keys'];

describe('a commit that Citus could not confirm', () => {
  it('is not acknowledged', async ({ database, connect }) => {
    await database.query(`
      create function warn() returns trigger language plpgsql as $$
        begin raise warning 'failed to commit transaction on a worker'; return null; end $$;
      create constraint trigger warns after insert on tasks deferrable initially deferred
        for each row execute function warn()`);
    const connections = connect({ engine: 'citus' });
    const mine = actionsOn(new PostgresTaskRepository(connections).ownedBy(aUser()));
    await expect(mine.add(aNewTask())).rejects.toThrow(Unavailable);
    await database.query('drop trigger warns on tasks');
    expect((await mine.add(aNewTask())).number).toBe(2);
  });
});

describe('taskwell distribute', () => {
  it('refuses a database without Citus in words', async ({ database }) => {
    await expect(distributeTables(database.ownerUrl)).rejects.toThrow(
      /does not have the extension citus.*create extension/s,
    );
  });

  it('distributes the tables of tasks by user, once, and leaves the rate limits alone', async ({ database }) => {
    await database.query(CITUS_STAND_IN);
    expect(await distributeTables(database.ownerUrl)).toEqual(TABLES);
    expect(await distributeTables(database.ownerUrl)).toEqual([]);
    await database.query(`delete from pg_dist_partition where logicalrelid = 'tasks'::regclass`);
    expect(await distributeTables(database.ownerUrl)).toEqual(['tasks']);
  });

  it('refuses tables that are linked to users', async ({ database }) => {
    await database.query(CITUS_STAND_IN);
    await database.query(`
      create table "user" (id text primary key);
      alter table task_counters add foreign key (user_id) references "user"`);
    await expect(distributeTables(database.ownerUrl)).rejects.toThrow(/linked to "user".*taskwell unlink-users/s);
  });
});

describe('a server on distributed tables', () => {
  const start = (url: string, engine: string) =>
    serving({ DATABASE_URL: url, DATABASE_ENGINE: engine, BETTER_AUTH_SECRET: SECRET });

  it('refuses to start unless its transactions reach the nodes', async ({ database, onTestFinished }) => {
    await database.query(CITUS_STAND_IN);
    await distributeTables(database.ownerUrl);
    await expect(start(database.url, 'postgresql')).rejects.toThrow(/set DATABASE_ENGINE=citus/);
    const server = await start(database.url, 'citus');
    onTestFinished(() => server.stop());
    expect((await server.send('GET', '/ready')).status).toBe(200);
  });

  it('refuses to start if one table is missing', async ({ database }) => {
    await database.query(CITUS_STAND_IN);
    await database.query(`select create_distributed_table('tasks', 'user_id', 'default')`);
    await expect(start(database.url, 'citus')).rejects.toThrow(/run taskwell distribute/);
  });

  it('refuses to start if the type of the user id is a domain', async ({ database }) => {
    await database.query(CITUS_STAND_IN);
    await distributeTables(database.ownerUrl);
    await database.query(`
      create domain an_id as text collate "C";
      drop policy tasks_of_user on tasks;
      alter table tasks alter column user_id type an_id`);
    await expect(start(database.url, 'citus')).rejects.toThrow(/undistribute_table/);
  });
});

describe('the schema that Citus distributes', () => {
  it('has no domain as a key, no trigger, no FORCE, and no policy with a subquery', async ({ database }) => {
    const read = async (text: string) => (await database.query(text)).rows;
    expect(
      await read(`
        select attrelid::regclass::text as table, format_type(atttypid, atttypmod) as type, attcollation::regcollation::text
        from pg_attribute where attname = 'user_id' and attrelid = any ('{${TABLES}}'::regclass[])
        order by 1`),
    ).toEqual(TABLES.toSorted().map((table) => ({ table, type: 'text', attcollation: '"C"' })));
    expect(
      await read(`select tgname from pg_trigger where not tgisinternal and tgrelid = any ('{${TABLES}}'::regclass[])`),
    ).toEqual([]);
    expect(
      await read(`select relname, relrowsecurity, relforcerowsecurity from pg_class
        where oid = any ('{${TABLES}}'::regclass[]) order by 1`),
    ).toEqual(TABLES.toSorted().map((relname) => ({ relname, relrowsecurity: true, relforcerowsecurity: false })));
    const policies = await read(`select pg_get_expr(polqual, polrelid) as condition, polwithcheck from pg_policy`);
    expect(policies).toHaveLength(TABLES.length);
    for (const policy of policies) {
      expect(policy).toEqual({
        condition: `(user_id = current_setting('app.user_id'::text, true))`,
        polwithcheck: null,
      });
    }
    const keys = await read(`
      select indexrelid::regclass::text as index, (select attname from pg_attribute where attrelid = indrelid and attnum = indkey[0])
      from pg_index where indrelid = any ('{${TABLES}}'::regclass[])`);
    for (const key of keys) expect(key).toMatchObject({ attname: 'user_id' });
  });
});

describe.runIf(process.env.TEST_CITUS_URL)('a real Citus', () => {
  it('keeps what it acknowledged, and runs each statement on one shard', async ({ onTestFinished }) => {
    const citusUrl = process.env.TEST_CITUS_URL ?? '';
    const schema = `taskwell_${crypto.randomUUID().slice(0, 8)}`;
    const admin = new PostgresDatabase({ url: citusUrl, poolSize: 1, prepare: false, timeout: 60_000 });
    onTestFinished(async () => {
      await admin.run({ name: '', text: `drop schema ${schema} cascade` }, []);
      await admin.close();
    });
    await admin.run({ name: '', text: `create schema ${schema}` }, []);
    const url = inSchema(citusUrl, schema);
    await new PostgresMigrations(url).up();
    expect(await distributeTables(url)).toEqual(TABLES);
    expect(await distributeTables(url)).toEqual([]);

    const connections = new PostgresDatabase({ url, poolSize: 4, prepare: true, timeout: 30_000, engine: 'citus' });
    onTestFinished(() => connections.close());
    const owner = aUser();
    const mine = actionsOn(new PostgresTaskRepository(connections).ownedBy(owner));
    const added = await Promise.all(Array.from({ length: 50 }, () => mine.add(aNewTask())));
    expect(new Set(added.map(({ number }) => number)).size).toBe(50);
    const [first] = added;
    if (first === undefined) throw new Error('nothing was added');
    expect(await mine.find({ id: first.id })).toEqual(first);
    expect(await mine.list({ completed: undefined, order: 'newest' })).toHaveLength(50);
    for (const { name, text } of STATEMENTS.filter(({ reads }) => reads)) {
      const key = name.endsWith('_by_id') ? [v7()] : name.endsWith('_by_number') ? [1] : [];
      const values = [owner, ...(name.endsWith('_by_completion') ? [false] : key)];
      const plan = await connections.run({ name: '', text: `explain ${text}`, reads: true }, values, owner);
      expect(plan.flat().join('\n'), name).toMatch(/Task Count: 1\b/);
    }
    expect(await mine.removeAll()).toEqual({ tasks: 50, lastNumber: 50 });
  });
});
