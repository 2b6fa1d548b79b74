import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { run } from '../../interfaces/cli/command-line.ts';
import { actionsOn } from '../conformance/actions.ts';
import { aNewTask, aUser } from '../conformance/builders.ts';
import { itWithDatabasePerTest } from './database-fixtures.ts';
import { SECRET } from './running-app.ts';

/**
 * `it` with a `database` of each test's own, and with these fixtures for tests of the link between tasks and users:
 *
 * - `tasks`: the task repository on the database
 * - `taskwell` runs the command line to its end
 * - `createUserTable` creates a table of users, as far as the link needs it
 * - `signUp` adds a user to the table; `createOrphan` adds a user with tasks who is in no table
 * - `foreignKeys` lists the foreign keys of the database; `rowsOf` counts the rows of a user
 * - `hold` runs a statement in a transaction that holds its locks until the test commits it, or ends
 */
export const itWithUsers = itWithDatabasePerTest()
  .extend('tasks', ({ connect }) => new PostgresTaskRepository(connect()))
  .extend('taskwell', ({ database }) => async (...args: string[]) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const env = { DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl, BETTER_AUTH_SECRET: SECRET };
    const [signals, clock] = [new EventEmitter(), new SystemClock()];
    const code = await run(args, { env, stdout, stderr, signals, clock, exit: () => {} });
    return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
  })
  .extend('createUserTable', ({ database }) => async (name = '"user"', id = 'text primary key') => {
    await database.query(`create table ${name} (id ${id})`);
  })
  .extend('signUp', ({ database }) => async (name: string) => {
    const user = aUser(name);
    await database.query('insert into "user" values ($1)', [user]);
    return user;
  })
  .extend('createOrphan', ({ tasks }) => async (taskCount: number) => {
    const user = aUser('ghost');
    for (let n = 0; n < taskCount; n += 1) await actionsOn(tasks.ownedBy(user)).add(aNewTask());
    return user;
  })
  .extend('foreignKeys', ({ database }) => async () => {
    const { rows } = await database.query(
      `select conrelid::regclass::text as of, confrelid::regclass::text as to, confdeltype, convalidated
       from pg_constraint where contype = 'f' order by conrelid::regclass::text`,
    );
    return rows;
  })
  .extend('rowsOf', ({ database }) => async (user: string) => {
    const { rows } = await database.query(
      `select (select count(*)::int from tasks where user_id = $1) as tasks,
              (select count(*)::int from task_counters where user_id = $1) as counters`,
      [user],
    );
    return rows[0];
  })
  .extend('hold', ({ database, onTestFinished }) => async (statement: string) => {
    const client = await database.holding(statement);
    onTestFinished(() => client.end());
    return client;
  });

/** The foreign keys of a database whose tasks are linked to users. */
export const LINKED = [
  { of: 'idempotency_keys', to: 'task_counters', confdeltype: 'c', convalidated: true },
  { of: 'task_counters', to: '"user"', confdeltype: 'c', convalidated: true },
  { of: 'task_deletions', to: 'task_counters', confdeltype: 'c', convalidated: true },
  { of: 'tasks', to: 'task_counters', confdeltype: 'c', convalidated: true },
];
