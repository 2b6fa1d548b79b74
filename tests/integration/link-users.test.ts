import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import pg from 'pg';
import { v7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { PostgresUserLink } from '../../infrastructure/postgres/migrations/postgres-user-link.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { run } from '../../interfaces/cli/command-line.ts';
import { actionsOn } from '../conformance/actions.ts';
import { aNewTask, aUser } from '../conformance/builders.ts';
import { FRONTENDS } from '../support/frontends.ts';
import { type RunningApp, SECRET, startApp } from '../support/running-app.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let test: TestDatabase;
let tasks: PostgresTaskRepository;
let database: PostgresDatabase;
beforeEach(async () => {
  test = await createTestDatabase();
  database = new PostgresDatabase({ url: test.url, poolSize: 10, prepare: true, timeout: 20_000 });
  tasks = new PostgresTaskRepository(database);
});
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await database.close();
  await test.drop();
});

/** Runs the command line to its end. */
async function ran(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const env = { DATABASE_URL: test.url, BETTER_AUTH_SECRET: SECRET };
  const [signals, clock] = [new EventEmitter(), new SystemClock()];
  const code = await run(args, { env, stdout, stderr, signals, clock, exit: () => {} });
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

/** A table of users as Better Auth makes it, as far as it matters here. */
async function userTable(name = '"user"', id = 'text primary key') {
  await test.query(`create table ${name} (id ${id})`);
}

/** A user in the table. */
async function signedUp(name: string) {
  const user = aUser(name);
  await test.query('insert into "user" values ($1)', [user]);
  return user;
}

/** Somebody who has tasks and is in no table. */
async function orphan(count: number) {
  const user = aUser('ghost');
  for (let n = 0; n < count; n += 1) await actionsOn(tasks.ownedBy(user)).add(aNewTask());
  return user;
}

const keys = async () =>
  (
    await test.query(
      `select conrelid::regclass::text as of, confrelid::regclass::text as to, confdeltype, convalidated
       from pg_constraint where contype = 'f' order by conrelid::regclass::text`,
    )
  ).rows;

const LINKED = [
  { of: 'task_counters', to: '"user"', confdeltype: 'c', convalidated: true },
  { of: 'tasks', to: 'task_counters', confdeltype: 'c', convalidated: true },
];

/** How many rows there are of a user. */
const rowsOf = async (user: string) => {
  const { rows } = await test.query(
    `select (select count(*)::int from tasks where user_id = $1) as tasks,
            (select count(*)::int from task_counters where user_id = $1) as counters`,
    [user],
  );
  return rows[0];
};

describe('taskwell link-users', () => {
  it('has all that belongs to a user go with the user, and nothing else', async () => {
    await userTable();
    const [ann, bob] = [await signedUp('ann'), await signedUp('bob')];
    for (const user of [ann, ann, bob]) await actionsOn(tasks.ownedBy(user)).add(aNewTask());
    expect(await ran('link-users')).toEqual({
      code: 0,
      out: 'Tasks are linked to public."user" and are deleted together with their user\n',
      err: '',
    });
    expect(await keys()).toEqual(LINKED);
    await test.query('delete from "user" where id = $1', [ann]);
    expect(await rowsOf(ann)).toEqual({ tasks: 0, counters: 0 });
    expect(await rowsOf(bob)).toEqual({ tasks: 1, counters: 1 });
    expect((await actionsOn(tasks.ownedBy(bob)).add(aNewTask())).number).toBe(2);
    await expect(actionsOn(tasks.ownedBy(ann)).add(aNewTask())).rejects.toMatchObject({ name: 'Unauthenticated' });
  });

  it('says the second time that it is done already', async () => {
    await userTable();
    await ran('link-users');
    const said = { code: 0, out: 'Tasks are already linked to public."user"\n', err: '' };
    expect(await ran('link-users')).toEqual(said);
    expect(await ran('link-users', '--dry-run', '--delete-orphans')).toEqual(said);
    expect(await keys()).toEqual(LINKED);
  });

  it.each([
    ['"user"', '"user"', 'public."user"'],
    ['public."user"', 'user', 'public."user"'],
    ['auth."user"', 'auth."user"', 'auth."user"'],
    ['"My ""Auth"""."Us.er"', '"My ""Auth"""."Us.er"', '"My ""Auth"""."Us.er"'],
    ['members', 'Members', 'public.members'],
  ])('finds the table %s by the name %s', async (name, given, told) => {
    await test.query('create schema auth; create schema "My ""Auth"""');
    await userTable(name);
    expect(await ran('link-users', '--table', given)).toMatchObject({
      code: 0,
      out: expect.stringContaining(`linked to ${told} and`),
    });
    expect((await keys()).length).toBe(2);
  });

  it.each(['text primary key', 'varchar(64) primary key', 'text unique', 'text collate "und-x-icu" primary key'])(
    'takes an id that is %s',
    async (id) => {
      await userTable('"user"', id);
      const ann = await signedUp('a');
      await actionsOn(tasks.ownedBy(ann))
        .add(aNewTask())
        .catch(() => {});
      expect(await ran('link-users')).toMatchObject({ code: 0 });
      await test.query('delete from "user"');
      expect(await rowsOf(ann)).toEqual({ tasks: 0, counters: 0 });
    },
  );

  it.each([
    ['uuid primary key', /"user" has an id of type uuid, .* needs text.* Better Auth .*erase-user/],
    ['integer primary key', /"user" has an id of type integer/],
    ['char(32) primary key', /"user" has an id of type character\(32\)/],
    ['text', /"user" has an id that is neither the primary key nor unique/],
    ['text collate ignoring_case primary key', /"user" has an id with a nondeterministic collation/],
  ])('refuses an id that is %s, and says why', async (id, reason) => {
    await test.query(
      `create collation ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
    );
    await userTable('"user"', id);
    for (const options of [[], ['--dry-run']]) {
      const { code, out, err } = await ran('link-users', ...options);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(reason);
    }
    expect(await keys()).toEqual([]);
  });

  it.each([
    ['"user"', /^There is no table "user" in this database: .*--table.*erase-user/],
    ['nowhere."user"', /^There is no table nowhere\."user"/],
    ['a.b.c.d', /^a\.b\.c\.d is not a valid table name/],
    ['user; drop table tasks', /^(There is no table )?user; drop table tasks i[ns] /],
    ['"user', /^(There is no table "user in|"user is not a valid table name)/], // by PostgreSQL's version
    ['members', /public\.members is not a table/],
    ['taskwell_migrations', /has an id of type integer/],
    ['task_counters', /has no column id/],
  ])('refuses the table %s', async (name, reason) => {
    await test.query(`create view members as select 'ann' as id`);
    const { code, err } = await ran('link-users', '--table', name);
    expect(code).toBe(1);
    expect(err).toMatch(reason);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect((await test.query('select from tasks')).rowCount).toBe(0);
  });

  it('refuses before there is a schema', async () => {
    await new PostgresMigrations(test.url).down(1);
    for (const command of [['link-users'], ['unlink-users'], ['erase-user', 'ann']]) {
      expect(await ran(...command)).toMatchObject({ code: 1, err: expect.stringContaining('taskwell migrate') });
    }
  });

  it('goes down with the schema', async () => {
    await userTable();
    const ann = await signedUp('ann');
    await ran('link-users');
    await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    await new PostgresMigrations(test.url).down(Number.POSITIVE_INFINITY);
    expect((await test.query('select id from "user"')).rows).toEqual([{ id: ann }]);
    expect(await keys()).toEqual([]);
  });
});

describe('orphans', () => {
  it('are told of and refused, and nothing is changed', async () => {
    await userTable();
    const ann = await signedUp('ann');
    await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    const [one, two] = [await orphan(1), await orphan(3)];
    const { code, out, err } = await ran('link-users');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      `Users with tasks or a counter who are not in public."user": 2 users, 4 tasks\n  ${two}  3\n  ${one}  1\n` +
        'Nothing was changed. Restore these users in public."user", or delete their data with --delete-orphans\n',
    );
    expect(await keys()).toEqual([]);
    expect(await rowsOf(two)).toEqual({ tasks: 3, counters: 1 });
  });

  it('are told of ten by ten', async () => {
    await userTable();
    for (let n = 0; n < 12; n += 1) await orphan(1);
    expect((await ran('link-users')).err).toMatch(/12 users, 12 tasks\n( {2}ghost-\S+ {2}1\n){10} {2}and 2 more\n/);
  });

  it('are deleted where that is wanted, and nobody else', async () => {
    await userTable();
    const ann = await signedUp('ann');
    await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    const ghosts = [await orphan(1), await orphan(3)];
    expect(await ran('link-users', '--delete-orphans')).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^Deleted of users who are not in public\."user": 4 tasks, 2 counters\nTasks are linked/,
      ),
    });
    for (const ghost of ghosts) expect(await rowsOf(ghost)).toEqual({ tasks: 0, counters: 0 });
    expect(await rowsOf(ann)).toEqual({ tasks: 1, counters: 1 });
    expect(await keys()).toEqual(LINKED);
  });

  it('are also a counter without a task, and a task without a counter', async () => {
    await userTable();
    const [counted, uncounted] = [await orphan(1), await orphan(2)];
    await test.query('delete from tasks where user_id = $1', [counted]);
    await test.query('delete from task_counters where user_id = $1', [uncounted]);
    expect((await ran('link-users')).err).toContain('2 users, 2 tasks');
    expect((await ran('link-users', '--delete-orphans')).out).toContain('2 tasks, 1 counters');
    expect(await keys()).toEqual(LINKED);
  });

  it('are not the users whose tasks were brought in without a counter: these get one', async () => {
    await userTable();
    const ann = await signedUp('ann');
    await test.query(`insert into tasks (user_id, id, number, title) values ($1, $2, 7, 'Brought in')`, [ann, v7()]);
    expect(await ran('link-users')).toMatchObject({ code: 0 });
    expect((await actionsOn(tasks.ownedBy(ann)).add(aNewTask())).number).toBe(8);
  });

  it('that come while it waits for its locks are refused as well, and the keys that it added are taken away', async () => {
    await userTable();
    await test.query(
      'alter table tasks add constraint tasks_counter_fkey foreign key (user_id) references task_counters on delete cascade',
    );
    const before = await keys();
    const other = await holding('lock table task_counters in row exclusive mode');
    const linking = new PostgresUserLink(test.url, { lock: 60_000, lastLock: 60_000, total: 60_000 }).link('"user"', {
      deleteOrphans: false,
    });
    linking.catch(() => {});
    await test.lockAwaited();
    await other.query(`insert into task_counters values ('late', 1)`);
    await other.query('commit');
    await expect(linking).rejects.toThrow(/1 users, 0 tasks/);
    expect(await keys()).toEqual(before);
  });
});

describe('taskwell link-users --dry-run', () => {
  it('tells what would be done and changes nothing', async () => {
    await userTable();
    expect(await ran('link-users', '--dry-run')).toEqual({
      code: 0,
      out: 'Tasks would be linked to public."user"\nNothing is changed\n',
      err: '',
    });
    const ghost = await orphan(2);
    const found = `Users with tasks or a counter who are not in public."user": 1 users, 2 tasks\n  ${ghost}  2\n`;
    expect(await ran('link-users', '--dry-run')).toEqual({
      code: 0,
      out: `${found}This would be refused without --delete-orphans\nNothing is changed\n`,
      err: '',
    });
    expect(await ran('link-users', '--dry-run', '--delete-orphans')).toEqual({
      code: 0,
      out: `${found}This would be deleted\nTasks would be linked to public."user"\nNothing is changed\n`,
      err: '',
    });
    expect(await keys()).toEqual([]);
    expect(await rowsOf(ghost)).toEqual({ tasks: 2, counters: 1 });
  });
});

describe('what was linked before', () => {
  it.each([
    ['a key that was never validated', (add: string) => `${add} not valid`],
    ['one of the two keys', (add: string) => add],
  ])('in part, %s, is completed', async (_, statement) => {
    await userTable();
    await test.query(
      statement(
        `alter table task_counters add constraint task_counters_user_fkey foreign key (user_id) references "user" on delete cascade`,
      ),
    );
    expect(await ran('link-users')).toMatchObject({ code: 0, out: expect.stringContaining('are linked to') });
    expect(await keys()).toEqual(LINKED);
  });

  it('in part and with an orphan is left as it was', async () => {
    await userTable();
    await orphan(1);
    await test.query(
      'alter table tasks add constraint tasks_counter_fkey foreign key (user_id) references task_counters on delete cascade',
    );
    const before = await keys();
    expect(await ran('link-users')).toMatchObject({ code: 1 });
    expect(await keys()).toEqual(before);
  });

  it('to another table has to be taken back first', async () => {
    await userTable();
    await userTable('members');
    await ran('link-users');
    expect(await ran('link-users', '--table', 'members')).toMatchObject({
      code: 1,
      err: 'Tasks are already linked to public."user": run taskwell unlink-users first\n',
    });
    await ran('unlink-users');
    expect(await ran('link-users', '--table', 'members')).toMatchObject({ code: 0 });
  });

  it('by hand has to be taken away by hand', async () => {
    await userTable();
    await test.query('alter table tasks add constraint "By Hand" foreign key (user_id) references "user"');
    expect(await ran('link-users')).toMatchObject({
      code: 1,
      err: expect.stringContaining('alter table tasks drop constraint "By Hand"'),
    });
  });
});

describe('taskwell unlink-users', () => {
  it('takes the keys back and leaves tasks and users alone', async () => {
    await userTable();
    const ann = await signedUp('ann');
    await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    await ran('link-users');
    expect(await ran('unlink-users')).toEqual({ code: 0, out: 'Tasks are no longer linked to users\n', err: '' });
    expect(await keys()).toEqual([]);
    await test.query('delete from "user"');
    expect(await rowsOf(ann)).toEqual({ tasks: 1, counters: 1 });
    expect((await actionsOn(tasks.ownedBy(ann)).add(aNewTask())).number).toBe(2);
  });

  it('says that there was nothing to take back', async () => {
    expect(await ran('unlink-users')).toEqual({ code: 0, out: 'Tasks were not linked: nothing to do\n', err: '' });
  });
});

describe('linking a database in use', () => {
  it.each([
    ['with', true],
    ['without', false],
  ])('fails no request %s prepared statements, and takes effect for all of them', async (_, prepare) => {
    await userTable();
    const own = new PostgresDatabase({ url: test.url, poolSize: 10, prepare, timeout: 20_000 });
    closing.push(() => own.close());
    const tasks = new PostgresTaskRepository(own);
    const users = await Promise.all(Array.from({ length: 6 }, (_, n) => signedUp(`user${n}`)));
    let done = false;
    let longest = 0;
    const traffic = users.map(async (user) => {
      let last = 0;
      while (!done) {
        const start = performance.now();
        last = (await actionsOn(tasks.ownedBy(user)).add(aNewTask())).number;
        longest = Math.max(longest, performance.now() - start);
      }
      return last;
    });
    for (let round = 0; round < 5; round += 1) {
      expect(await ran('link-users')).toMatchObject({ code: 0, err: '' });
      expect(await keys()).toEqual(LINKED);
      expect(await ran('unlink-users')).toMatchObject({ code: 0, err: '' });
    }
    done = true;
    for (const [index, last] of (await Promise.all(traffic)).entries()) {
      expect(await rowsOf(users[index]!)).toEqual({ tasks: last, counters: 1 });
    }
    expect(longest).toBeLessThan(5_000);
  });

  it('gives way while somebody holds a table, so that others do not wait for both', async () => {
    await userTable();
    const ann = await signedUp('ann');
    const other = await holding('lock table tasks in row exclusive mode');
    const linking = new PostgresUserLink(test.url, { lock: 100, lastLock: 100, total: 60_000 }).link('"user"', {
      deleteOrphans: false,
    });
    await test.lockAwaited();
    // It would wait for the end of the other transaction, which comes only after it.
    await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    await other.query('commit');
    expect(await linking).toMatchObject({ linked: false });
    expect(await keys()).toEqual(LINKED);
  });

  it('gives up in words where the table is never free', async () => {
    await userTable();
    await holding('select from "user" for update');
    await holding('lock table "user" in row exclusive mode');
    const link = new PostgresUserLink(test.url, { lock: 10, lastLock: 10, total: 0 }).link('"user"', {
      deleteOrphans: false,
    });
    await expect(link).rejects.toThrow(/Another transaction has held locks .* try again/);
    expect(await keys()).toEqual([]);
  });

  it('is done once when two do it at the same time', async () => {
    await userTable();
    const done = await Promise.all([ran('link-users'), ran('link-users'), ran('link-users')]);
    expect(done.map(({ code, err }) => ({ code, err }))).toEqual(Array(3).fill({ code: 0, err: '' }));
    expect(await keys()).toEqual(LINKED);
  });

  it('lets a user be deleted in the midst of creates: each is made before or refused with 401', async () => {
    await userTable();
    await ran('link-users');
    for (let round = 0; round < 20; round += 1) {
      const ann = await signedUp('ann');
      await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
      const adding = Array.from({ length: 8 }, () => actionsOn(tasks.ownedBy(ann)).add(aNewTask()));
      const outcomes = Promise.allSettled(adding);
      await test.query('delete from "user" where id = $1', [ann]);
      for (const outcome of await outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'Unauthenticated' });
      }
      expect(await rowsOf(ann)).toEqual({ tasks: 0, counters: 0 });
    }
  });
});

describe('a user whom Better Auth deletes', () => {
  const origin = 'http://localhost:3000';
  const PASSWORD = 'correct horse battery staple';

  /** A real one on the same database; gives a way to ask it, with the cookies of whoever signed up. */
  async function betterAuthServer() {
    const pool = new pg.Pool({ connectionString: test.url, max: 2 });
    closing.push(() => pool.end());
    const options = {
      database: pool,
      baseURL: origin,
      secret: SECRET,
      emailAndPassword: { enabled: true },
      user: { deleteUser: { enabled: true } },
      telemetry: { enabled: false },
    };
    await (await getMigrations(options)).runMigrations();
    const auth = betterAuth(options);
    return async (path: string, body: object, cookie = '') => {
      const headers = { 'content-type': 'application/json', origin, cookie };
      const request = new Request(`${origin}/api/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      const response = await auth.handler(request);
      expect(response.status, await response.clone().text()).toBe(200);
      const cookies = response.headers.getSetCookie().map((set) => set.split(';')[0]);
      const user = ((await response.json()) as { user?: { id: string } }).user;
      return { id: user?.id ?? '', cookie: cookies.join('; ') };
    };
  }

  it('takes the tasks along, and cannot make another one under any contract: 401', async () => {
    const ask = await betterAuthServer();
    const app: RunningApp = await startApp({ tasks });
    closing.push(() => app.close());
    const signUp = (name: string) => ask('/sign-up/email', { name, email: `${name}@example.com`, password: PASSWORD });
    const [ann, bob] = [await signUp('ann'), await signUp('bob')];
    const create = (user: string, { name, userInPath }: (typeof FRONTENDS)[number]) =>
      app.as(user)('POST', `/contracts/${name}/api/${userInPath ? `${user}/` : ''}tasks`, { body: { title: 'Milk' } });

    for (const frontend of FRONTENDS) {
      for (const { id } of [ann, bob]) expect(await create(id, frontend)).toMatchObject({ status: 201 });
    }
    expect(await ran('link-users')).toMatchObject({ code: 0, err: '' });
    await ask('/delete-user', { password: PASSWORD }, ann.cookie);

    expect((await test.query('select id from "user"')).rows).toEqual([{ id: bob.id }]);
    expect(await rowsOf(ann.id)).toEqual({ tasks: 0, counters: 0 });
    expect(await rowsOf(bob.id)).toEqual({ tasks: 5, counters: 1 });
    for (const frontend of FRONTENDS) {
      const { status, headers, body } = await create(ann.id, frontend);
      const detail = 'the user no longer exists';
      expect({ status, body }).toEqual({
        status: 401,
        body: frontend.error({ status: 401, category: 'unauthorized', detail, at: expect.any(String) }),
      });
      expect(headers.get('www-authenticate')).toBe(`Bearer error="invalid_token", error_description="${detail}"`);
      expect(await create(bob.id, frontend)).toMatchObject({ status: 201 });
    }
    expect(app.logged.join('')).not.toContain('internal_error');
  });
});

describe('taskwell erase-user', () => {
  it('deletes all that belongs to one user, prints what, and leaves others alone', async () => {
    const [ann, bob] = [aUser('ann'), aUser('bob')];
    for (const user of [ann, ann, bob]) await actionsOn(tasks.ownedBy(user)).add(aNewTask());
    const { id } = await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    await actionsOn(tasks.ownedBy(ann)).remove({ id });
    expect(await ran('erase-user', ann)).toEqual({
      code: 0,
      out: `Deleted for ${ann}: 2 tasks, task counter at 3\n`,
      err: '',
    });
    expect(await rowsOf(ann)).toEqual({ tasks: 0, counters: 0 });
    expect(await rowsOf(bob)).toEqual({ tasks: 1, counters: 1 });
  });

  it('says so where nothing belongs to the user', async () => {
    await actionsOn(tasks.ownedBy(aUser())).add(aNewTask());
    expect(await ran('erase-user', 'nobody')).toEqual({ code: 0, out: 'Nothing belongs to nobody\n', err: '' });
  });

  it('takes an id for nothing but an id', async () => {
    const kept = await orphan(1);
    expect(await ran('erase-user', "' or true --")).toMatchObject({ code: 0 });
    expect(await ran('erase-user', '')).toMatchObject({ code: 1, err: 'user id must be 1 to 255 characters\n' });
    expect((await ran('erase-user')).err).toMatch(/missing required argument 'id'/);
    expect(await rowsOf(kept)).toEqual({ tasks: 1, counters: 1 });
  });

  it('works on linked users as well', async () => {
    await userTable();
    const ann = await signedUp('ann');
    await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    await ran('link-users');
    expect((await ran('erase-user', ann)).out).toContain(': 1 task, task counter at 1\n');
    expect(await rowsOf(ann)).toEqual({ tasks: 0, counters: 0 });
    expect((await actionsOn(tasks.ownedBy(ann)).add(aNewTask())).number).toBe(1);
  });
});

/** A transaction that has done something and goes on holding its locks, until it is committed or the test is over. */
async function holding(statement: string): Promise<pg.Client> {
  const client = await test.holding(statement);
  closing.push(() => client.end());
  return client;
}
