import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import pg from 'pg';
import { v7 } from 'uuid';
import { describe, expect } from 'vitest';
import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { PostgresUserLink } from '../../infrastructure/postgres/migrations/postgres-user-link.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { actionsOn } from '../conformance/actions.ts';
import { aNewTask, aUser } from '../conformance/builders.ts';
import { FRONTENDS, tasksPath } from '../support/frontends.ts';
import { PREPARING } from '../support/pooler-for-tests.ts';
import { SECRET, startApp } from '../support/running-app.ts';
import { itWithUsers, LINKED } from '../support/user-fixtures.ts';

const ORIGIN = 'http://localhost:3000';
const PASSWORD = 'correct horse battery staple';

/** `ask` sends a request with cookies to a real Better Auth on the same database. */
const it = itWithUsers.extend('ask', async ({ database, onTestFinished }) => {
  const pool = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  onTestFinished(() => pool.end());
  const options = {
    database: pool,
    baseURL: ORIGIN,
    secret: SECRET,
    emailAndPassword: { enabled: true },
    user: { deleteUser: { enabled: true } },
    telemetry: { enabled: false },
  };
  await (await getMigrations(options)).runMigrations();
  const auth = betterAuth(options);
  return async (path: string, body: object, cookie = '') => {
    const headers = { 'content-type': 'application/json', origin: ORIGIN, cookie };
    const request = new Request(`${ORIGIN}/api/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const response = await auth.handler(request);
    expect(response.status, await response.clone().text()).toBe(200);
    const cookies = response.headers.getSetCookie().map((set) => set.split(';')[0]);
    const user = ((await response.json()) as { user?: { id: string } }).user;
    return { id: user?.id ?? '', cookie: cookies.join('; ') };
  };
});

describe('taskwell link-users', () => {
  it('deletes everything of a user together with the user, and nothing else', async ({
    database,
    tasks,
    taskwell,
    createUserTable,
    signUp,
    foreignKeys,
    rowsOf,
  }) => {
    await createUserTable();
    const [ann, bob] = [await signUp('ann'), await signUp('bob')];
    for (const user of [ann, ann, bob]) await actionsOn(tasks.ownedBy(user)).add(aNewTask());
    expect(await taskwell('link-users')).toEqual({
      code: 0,
      out: 'Tasks are linked to public."user" and are deleted together with their user\n',
      err: '',
    });
    expect(await foreignKeys()).toEqual(LINKED);
    await database.query('delete from "user" where id = $1', [ann]);
    expect(await rowsOf(ann)).toEqual({ tasks: 0, counters: 0 });
    expect(await rowsOf(bob)).toEqual({ tasks: 1, counters: 1 });
    expect((await actionsOn(tasks.ownedBy(bob)).add(aNewTask())).number).toBe(2);
    await expect(actionsOn(tasks.ownedBy(ann)).add(aNewTask())).rejects.toMatchObject({ name: 'Unauthenticated' });
  });

  it('reports the second time that the users are linked already', async ({
    taskwell,
    createUserTable,
    foreignKeys,
  }) => {
    await createUserTable();
    await taskwell('link-users');
    const said = { code: 0, out: 'Tasks are already linked to public."user"\n', err: '' };
    expect(await taskwell('link-users')).toEqual(said);
    expect(await taskwell('link-users', '--dry-run', '--delete-orphans')).toEqual(said);
    expect(await foreignKeys()).toEqual(LINKED);
  });

  it.for<[name: string, given: string, told: string]>([
    ['"user"', '"user"', 'public."user"'],
    ['public."user"', 'user', 'public."user"'],
    ['auth."user"', 'auth."user"', 'auth."user"'],
    ['"My ""Auth"""."Us.er"', '"My ""Auth"""."Us.er"', '"My ""Auth"""."Us.er"'],
    ['members', 'Members', 'public.members'],
  ])(
    'finds the table %s by the name %s',
    async ([name, given, told], { database, taskwell, createUserTable, foreignKeys }) => {
      await database.query('create schema auth; create schema "My ""Auth"""');
      await createUserTable(name);
      expect(await taskwell('link-users', '--table', given)).toMatchObject({
        code: 0,
        out: expect.stringContaining(`linked to ${told} and`),
      });
      expect((await foreignKeys()).length).toBe(LINKED.length);
    },
  );

  it.for(['text primary key', 'varchar(64) primary key', 'text unique', 'text collate "und-x-icu" primary key'])(
    'accepts an id that is %s',
    async (id, { database, tasks, taskwell, createUserTable, signUp, rowsOf }) => {
      await createUserTable('"user"', id);
      const ann = await signUp('a');
      await actionsOn(tasks.ownedBy(ann))
        .add(aNewTask())
        .catch(() => {});
      expect(await taskwell('link-users')).toMatchObject({ code: 0 });
      await database.query('delete from "user"');
      expect(await rowsOf(ann)).toEqual({ tasks: 0, counters: 0 });
    },
  );

  it.for<[id: string, reason: RegExp]>([
    ['uuid primary key', /"user" has an id of type uuid, .* needs text.* Better Auth .*erase-user/],
    ['integer primary key', /"user" has an id of type integer/],
    ['char(32) primary key', /"user" has an id of type character\(32\)/],
    ['text', /"user" has an id that is neither the primary key nor unique/],
    ['text collate ignoring_case primary key', /"user" has an id with a nondeterministic collation/],
  ])(
    'refuses an id that is %s, with the reason',
    async ([id, reason], { database, taskwell, createUserTable, foreignKeys }) => {
      await database.query(
        `create collation ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
      );
      await createUserTable('"user"', id);
      for (const options of [[], ['--dry-run']]) {
        const { code, out, err } = await taskwell('link-users', ...options);
        expect({ code, out }).toEqual({ code: 1, out: '' });
        expect(err).toMatch(reason);
      }
      expect(await foreignKeys()).toEqual([]);
    },
  );

  it.for<[name: string, reason: RegExp]>([
    ['"user"', /^There is no table "user" in this database: .*--table.*erase-user/],
    ['nowhere."user"', /^There is no table nowhere\."user"/],
    ['a.b.c.d', /^a\.b\.c\.d is not a valid table name/],
    ['user; drop table tasks', /^(There is no table )?user; drop table tasks i[ns] /],
    ['"user', /^(There is no table "user in|"user is not a valid table name)/], // by PostgreSQL's version
    ['members', /public\.members is not a table/],
    ['taskwell_migrations', /has an id of type integer/],
    ['task_counters', /has no column id/],
  ])('refuses the table %s', async ([name, reason], { database, taskwell }) => {
    await database.query(`create view members as select 'ann' as id`);
    const { code, err } = await taskwell('link-users', '--table', name);
    expect(code).toBe(1);
    expect(err).toMatch(reason);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect((await database.query('select from tasks')).rowCount).toBe(0);
  });

  it('refuses to run without a schema', async ({ database, taskwell }) => {
    await new PostgresMigrations(database.ownerUrl).down(1);
    for (const command of [['link-users'], ['unlink-users'], ['erase-user', 'ann']]) {
      expect(await taskwell(...command)).toMatchObject({ code: 1, err: expect.stringContaining('taskwell migrate') });
    }
  });

  it('is undone together with the schema', async ({
    database,
    tasks,
    taskwell,
    createUserTable,
    signUp,
    foreignKeys,
  }) => {
    await createUserTable();
    const ann = await signUp('ann');
    await taskwell('link-users');
    await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    await new PostgresMigrations(database.ownerUrl).down(Number.POSITIVE_INFINITY, () => {});
    expect((await database.query('select id from "user"')).rows).toEqual([{ id: ann }]);
    expect(await foreignKeys()).toEqual([]);
  });
});

describe('orphans', () => {
  it('are listed and refused, and nothing changes', async ({
    tasks,
    taskwell,
    createUserTable,
    signUp,
    createOrphan,
    foreignKeys,
    rowsOf,
  }) => {
    await createUserTable();
    const ann = await signUp('ann');
    await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    const [one, two] = [await createOrphan(1), await createOrphan(3)];
    const { code, out, err } = await taskwell('link-users');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      `Users with tasks or a counter who are not in public."user": 2 users, 4 tasks\n  ${two}  3\n  ${one}  1\n` +
        'Nothing was changed. Restore these users in public."user", or delete their data with --delete-orphans\n',
    );
    expect(await foreignKeys()).toEqual([]);
    expect(await rowsOf(two)).toEqual({ tasks: 3, counters: 1 });
  });

  it('are listed up to ten', async ({ taskwell, createUserTable, createOrphan }) => {
    await createUserTable();
    for (let n = 0; n < 12; n += 1) await createOrphan(1);
    expect((await taskwell('link-users')).err).toMatch(
      /12 users, 12 tasks\n( {2}ghost-\S+ {2}1\n){10} {2}and 2 more\n/,
    );
  });

  it('are deleted with --delete-orphans, and no other user', async ({
    tasks,
    taskwell,
    createUserTable,
    signUp,
    createOrphan,
    foreignKeys,
    rowsOf,
  }) => {
    await createUserTable();
    const ann = await signUp('ann');
    await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    const ghosts = [await createOrphan(1), await createOrphan(3)];
    expect(await taskwell('link-users', '--delete-orphans')).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^Deleted for users who are not in public\."user": 4 tasks, 2 counters\nTasks are linked/,
      ),
    });
    for (const ghost of ghosts) expect(await rowsOf(ghost)).toEqual({ tasks: 0, counters: 0 });
    expect(await rowsOf(ann)).toEqual({ tasks: 1, counters: 1 });
    expect(await foreignKeys()).toEqual(LINKED);
  });

  it('include a counter without a task, and a task without a counter', async ({
    database,
    taskwell,
    createUserTable,
    createOrphan,
    foreignKeys,
  }) => {
    await createUserTable();
    const [counted, uncounted] = [await createOrphan(1), await createOrphan(2)];
    await database.query('delete from tasks where user_id = $1', [counted]);
    await database.query('delete from task_counters where user_id = $1', [uncounted]);
    expect((await taskwell('link-users')).err).toContain('2 users, 2 tasks');
    expect((await taskwell('link-users', '--delete-orphans')).out).toContain('2 tasks, 1 counters');
    expect(await foreignKeys()).toEqual(LINKED);
  });

  it('do not include users with imported tasks and no counter, who get a counter', async ({
    database,
    tasks,
    taskwell,
    createUserTable,
    signUp,
  }) => {
    await createUserTable();
    const ann = await signUp('ann');
    await database.query(`insert into tasks (user_id, id, number, title) values ($1, $2, 7, 'Brought in')`, [
      ann,
      v7(),
    ]);
    expect(await taskwell('link-users')).toMatchObject({ code: 0 });
    expect((await actionsOn(tasks.ownedBy(ann)).add(aNewTask())).number).toBe(8);
  });

  it('that appear while it waits for locks are refused, and the keys that it added are removed', async ({
    database,
    createUserTable,
    foreignKeys,
    hold,
  }) => {
    await createUserTable();
    await database.query(
      'alter table tasks add constraint tasks_counter_fkey foreign key (user_id) references task_counters on delete cascade',
    );
    const before = await foreignKeys();
    const other = await hold('lock table task_counters in row exclusive mode');
    const linking = new PostgresUserLink(database.ownerUrl, { lock: 60_000, lastLock: 60_000, total: 60_000 }).link(
      '"user"',
      {
        deleteOrphans: false,
      },
    );
    linking.catch(() => {});
    await database.lockAwaited();
    await other.query(`insert into task_counters values ('late', 1)`);
    await other.query('commit');
    await expect(linking).rejects.toThrow(/1 users, 0 tasks/);
    expect(await foreignKeys()).toEqual(before);
  });
});

describe('taskwell link-users --dry-run', () => {
  it('prints what would be done and changes nothing', async ({
    taskwell,
    createUserTable,
    createOrphan,
    foreignKeys,
    rowsOf,
  }) => {
    await createUserTable();
    expect(await taskwell('link-users', '--dry-run')).toEqual({
      code: 0,
      out: 'Tasks would be linked to public."user"\nNothing is changed\n',
      err: '',
    });
    const ghost = await createOrphan(2);
    const found = `Users with tasks or a counter who are not in public."user": 1 users, 2 tasks\n  ${ghost}  2\n`;
    expect(await taskwell('link-users', '--dry-run')).toEqual({
      code: 0,
      out: `${found}This would be refused without --delete-orphans\nNothing is changed\n`,
      err: '',
    });
    expect(await taskwell('link-users', '--dry-run', '--delete-orphans')).toEqual({
      code: 0,
      out: `${found}This would be deleted\nTasks would be linked to public."user"\nNothing is changed\n`,
      err: '',
    });
    expect(await foreignKeys()).toEqual([]);
    expect(await rowsOf(ghost)).toEqual({ tasks: 2, counters: 1 });
  });
});

describe('a database that is linked already', () => {
  it.for<[what: string, statement: (add: string) => string]>([
    ['a key that was never validated', (add: string) => `${add} not valid`],
    ['one of the two keys', (add: string) => add],
  ])(
    'in part (%s) gets the missing keys',
    async ([, statement], { database, taskwell, createUserTable, foreignKeys }) => {
      await createUserTable();
      await database.query(
        statement(
          `alter table task_counters add constraint task_counters_user_fkey foreign key (user_id) references "user" on delete cascade`,
        ),
      );
      expect(await taskwell('link-users')).toMatchObject({ code: 0, out: expect.stringContaining('are linked to') });
      expect(await foreignKeys()).toEqual(LINKED);
    },
  );

  it('in part, with an orphan, stays unchanged', async ({
    database,
    taskwell,
    createUserTable,
    createOrphan,
    foreignKeys,
  }) => {
    await createUserTable();
    await createOrphan(1);
    await database.query(
      'alter table tasks add constraint tasks_counter_fkey foreign key (user_id) references task_counters on delete cascade',
    );
    const before = await foreignKeys();
    expect(await taskwell('link-users')).toMatchObject({ code: 1 });
    expect(await foreignKeys()).toEqual(before);
  });

  it('to another table must be unlinked first', async ({ taskwell, createUserTable }) => {
    await createUserTable();
    await createUserTable('members');
    await taskwell('link-users');
    expect(await taskwell('link-users', '--table', 'members')).toMatchObject({
      code: 1,
      err: 'Tasks are already linked to public."user": run taskwell unlink-users first\n',
    });
    await taskwell('unlink-users');
    expect(await taskwell('link-users', '--table', 'members')).toMatchObject({ code: 0 });
  });

  it('by hand must be unlinked by hand', async ({ database, taskwell, createUserTable }) => {
    await createUserTable();
    await database.query('alter table tasks add constraint "By Hand" foreign key (user_id) references "user"');
    expect(await taskwell('link-users')).toMatchObject({
      code: 1,
      err: expect.stringContaining('alter table tasks drop constraint "By Hand"'),
    });
  });
});

describe('taskwell unlink-users', () => {
  it('removes the keys and keeps tasks and users', async ({
    database,
    tasks,
    taskwell,
    createUserTable,
    signUp,
    foreignKeys,
    rowsOf,
  }) => {
    await createUserTable();
    const ann = await signUp('ann');
    await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    await taskwell('link-users');
    expect(await taskwell('unlink-users')).toEqual({
      code: 0,
      out: 'Tasks are no longer linked to users\n',
      err: '',
    });
    expect(await foreignKeys()).toEqual([]);
    await database.query('delete from "user"');
    expect(await rowsOf(ann)).toEqual({ tasks: 1, counters: 1 });
    expect((await actionsOn(tasks.ownedBy(ann)).add(aNewTask())).number).toBe(2);
  });

  it('reports that there is nothing to unlink', async ({ taskwell }) => {
    expect(await taskwell('unlink-users')).toEqual({ code: 0, out: 'Tasks were not linked: nothing to do\n', err: '' });
  });
});

describe('linking a database in use', () => {
  it.for(PREPARING)(
    'fails no request, and links all users (prepared: %s)',
    async (prepare, { connect, taskwell, createUserTable, signUp, foreignKeys, rowsOf }) => {
      await createUserTable();
      const tasks = new PostgresTaskRepository(connect({ prepare }));
      const users = await Promise.all(Array.from({ length: 6 }, (_, n) => signUp(`user${n}`)));
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
        expect(await taskwell('link-users')).toMatchObject({ code: 0, err: '' });
        expect(await foreignKeys()).toEqual(LINKED);
        expect(await taskwell('unlink-users')).toMatchObject({ code: 0, err: '' });
      }
      done = true;
      for (const [index, last] of (await Promise.all(traffic)).entries()) {
        expect(await rowsOf(users[index]!)).toEqual({ tasks: last, counters: 1 });
      }
      expect(longest).toBeLessThan(5_000);
    },
  );

  it('retries while another transaction locks a table, so that others need not wait', async ({
    database,
    tasks,
    createUserTable,
    signUp,
    foreignKeys,
    hold,
  }) => {
    await createUserTable();
    const ann = await signUp('ann');
    const other = await hold('lock table tasks in row exclusive mode');
    const linking = new PostgresUserLink(database.ownerUrl, { lock: 100, lastLock: 100, total: 60_000 }).link(
      '"user"',
      {
        deleteOrphans: false,
      },
    );
    await database.lockAwaited();
    // It would wait for the end of the other transaction, which comes only after it.
    await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    await other.query('commit');
    expect(await linking).toMatchObject({ linked: false });
    expect(await foreignKeys()).toEqual(LINKED);
  });

  it('reports an error if the table stays locked', async ({ database, createUserTable, foreignKeys, hold }) => {
    await createUserTable();
    await hold('select from "user" for update');
    await hold('lock table "user" in row exclusive mode');
    const link = new PostgresUserLink(database.ownerUrl, { lock: 10, lastLock: 10, total: 0 }).link('"user"', {
      deleteOrphans: false,
    });
    await expect(link).rejects.toThrow(/Another transaction has held locks .* try again/);
    expect(await foreignKeys()).toEqual([]);
  });

  it('works when several commands run at the same time', async ({ taskwell, createUserTable, foreignKeys }) => {
    await createUserTable();
    const done = await Promise.all([taskwell('link-users'), taskwell('link-users'), taskwell('link-users')]);
    expect(done.map(({ code, err }) => ({ code, err }))).toEqual(Array(3).fill({ code: 0, err: '' }));
    expect(await foreignKeys()).toEqual(LINKED);
  });

  it('allows deleting a user during creates, which then succeed or get 401', async ({
    database,
    tasks,
    taskwell,
    createUserTable,
    signUp,
    rowsOf,
  }) => {
    await createUserTable();
    await taskwell('link-users');
    for (let round = 0; round < 20; round += 1) {
      const ann = await signUp('ann');
      await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
      const adding = Array.from({ length: 8 }, () => actionsOn(tasks.ownedBy(ann)).add(aNewTask()));
      const outcomes = Promise.allSettled(adding);
      await database.query('delete from "user" where id = $1', [ann]);
      for (const outcome of await outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'Unauthenticated' });
      }
      expect(await rowsOf(ann)).toEqual({ tasks: 0, counters: 0 });
    }
  });
});

describe('a user whom Better Auth deletes', () => {
  it('loses the tasks, and gets 401 for a new one under every contract', async ({
    database,
    tasks,
    taskwell,
    rowsOf,
    ask,
    onTestFinished,
  }) => {
    const app = await startApp({ tasks });
    onTestFinished(() => app.close());
    const register = (name: string) =>
      ask('/sign-up/email', { name, email: `${name}@example.com`, password: PASSWORD });
    const [ann, bob] = [await register('ann'), await register('bob')];
    const create = (user: string, frontend: (typeof FRONTENDS)[number]) =>
      app.as(user)('POST', `/contracts/${frontend.name}${tasksPath(frontend, user)}`, { body: { title: 'Milk' } });

    for (const frontend of FRONTENDS) {
      for (const { id } of [ann, bob]) expect(await create(id, frontend)).toMatchObject({ status: 201 });
    }
    expect(await taskwell('link-users')).toMatchObject({ code: 0, err: '' });
    await ask('/delete-user', { password: PASSWORD }, ann.cookie);

    expect((await database.query('select id from "user"')).rows).toEqual([{ id: bob.id }]);
    expect(await rowsOf(ann.id)).toEqual({ tasks: 0, counters: 0 });
    expect(await rowsOf(bob.id)).toEqual({ tasks: FRONTENDS.length, counters: 1 });
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
  it('deletes everything of one user, prints what it was, and leaves others alone', async ({
    tasks,
    taskwell,
    rowsOf,
  }) => {
    const [ann, bob] = [aUser('ann'), aUser('bob')];
    for (const user of [ann, ann, bob]) await actionsOn(tasks.ownedBy(user)).add(aNewTask());
    const { id } = await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    await actionsOn(tasks.ownedBy(ann)).remove({ id });
    expect(await taskwell('erase-user', ann)).toEqual({
      code: 0,
      out: `Deleted for ${ann}: 2 tasks, task counter at 3\n`,
      err: '',
    });
    expect(await rowsOf(ann)).toEqual({ tasks: 0, counters: 0 });
    expect(await rowsOf(bob)).toEqual({ tasks: 1, counters: 1 });
  });

  it('reports that nothing belongs to the user', async ({ tasks, taskwell }) => {
    await actionsOn(tasks.ownedBy(aUser())).add(aNewTask());
    expect(await taskwell('erase-user', 'nobody')).toEqual({ code: 0, out: 'Nothing belongs to nobody\n', err: '' });
  });

  it('treats an id as data, not as SQL', async ({ taskwell, createOrphan, rowsOf }) => {
    const kept = await createOrphan(1);
    expect(await taskwell('erase-user', "' or true --")).toMatchObject({ code: 0 });
    expect(await taskwell('erase-user', '')).toMatchObject({ code: 1, err: 'user id must be 1 to 255 characters\n' });
    expect((await taskwell('erase-user')).err).toMatch(/missing required argument 'id'/);
    expect(await rowsOf(kept)).toEqual({ tasks: 1, counters: 1 });
  });

  it('works on linked users as well', async ({ tasks, taskwell, createUserTable, signUp, rowsOf }) => {
    await createUserTable();
    const ann = await signUp('ann');
    await actionsOn(tasks.ownedBy(ann)).add(aNewTask());
    await taskwell('link-users');
    expect((await taskwell('erase-user', ann)).out).toContain(': 1 task, task counter at 1\n');
    expect(await rowsOf(ann)).toEqual({ tasks: 0, counters: 0 });
    expect((await actionsOn(tasks.ownedBy(ann)).add(aNewTask())).number).toBe(1);
  });
});
