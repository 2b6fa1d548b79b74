import { v7 } from 'uuid';
import { describe, expect } from 'vitest';
import { SearchWords } from '../../domain/search-words.ts';
import { TaskId } from '../../domain/task-id.ts';
import { Title } from '../../domain/title.ts';
import type { UserId } from '../../domain/user-id.ts';
import type { Parameter, Statement } from '../../infrastructure/postgres/connection/statement.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { searchValues } from '../../infrastructure/postgres/tasks/search-condition.ts';
import { STATEMENTS } from '../../infrastructure/postgres/tasks/statements.ts';
import { actionsOn } from '../conformance/actions.ts';
import { aNewTask, aUser } from '../conformance/builders.ts';
import { PLACES } from './contract-places.ts';
import type { itWithDatabase } from './database-fixtures.ts';
import { startApp } from './running-app.ts';

const TITLE = Title('Only for me');
const ATTACKERS_TITLE = 'Buy milk';
/** The statements that write to a user without tasks. */
const COUNTING = ['taskwell_create_task', 'taskwell_next_number'];
const SEARCH = searchValues(SearchWords('only'), undefined);

/**
 * Tries to reach another user's tasks, with every statement and under every contract.
 *
 * @param itOnDatabase comes from the top level of the file
 * @param role signs in a role that row-level security binds, or the owner of the tables, whom it does not bind
 */
export function isolationSuite(itOnDatabase: ReturnType<typeof itWithDatabase>, role: 'bound' | 'owner'): void {
  const it = itOnDatabase
    .extend('connections', ({ connect, database }) =>
      connect({ url: role === 'bound' ? database.url : database.ownerUrl }),
    )
    .extend('rowsOf', ({ database }) => async (user: UserId) => {
      const tasks = await database.query('select * from tasks where user_id = $1 order by number', [user]);
      const counters = await database.query('select * from task_counters where user_id = $1', [user]);
      const deletions = await database.query('select * from task_deletions where user_id = $1', [user]);
      const keys = await database.query('select * from idempotency_keys where user_id = $1', [user]);
      return { tasks: tasks.rows, counters: counters.rows, deletions: deletions.rows, keys: keys.rows };
    })
    .extend('victim', async ({ database, rowsOf }) => {
      const user = aUser('victim');
      const id = TaskId(v7());
      await database.query('insert into task_counters (user_id, last_number) values ($1, 1)', [user]);
      await database.query('insert into task_deletions (user_id, position, id, number) values ($1, 1, $2, 2)', [
        user,
        TaskId(v7()),
      ]);
      await database.query(
        `insert into idempotency_keys (user_id, key, fingerprint, id, number, position, created_at)
         values ($1, 'key', 'print', $2, 1, 1, now() - interval '2 days')`,
        [user, id],
      );
      await database.query('insert into tasks (user_id, id, number, title) values ($1, $2, 1, $3)', [user, id, TITLE]);
      return { user, id, before: await rowsOf(user) };
    });

  it.for(STATEMENTS)('$name reaches no row of another user', async (statement, { connections, victim, rowsOf }) => {
    const user = aUser('attacker');
    const values = [user, ...valuesFor(statement, victim.id)];
    const [result] = await connections.runGroup([{ statement, values }], user);
    const returned = result?.rows.flat().filter((value) => value !== null);
    if (statement.name === 'taskwell_create_task') expect(returned).toEqual(expect.arrayContaining([ATTACKERS_TITLE]));
    else expect(returned).toEqual(/_count(_|$)/.test(statement.name) ? ['0'] : []);
    if (!statement.reads) expect(result?.count).toBe(COUNTING.includes(statement.name) ? 1 : 0);
    expect(await rowsOf(victim.user)).toEqual(victim.before);
  });

  it('erases and numbers the tasks of one user only', async ({ connections, victim, rowsOf }) => {
    const mine = actionsOn(new PostgresTaskRepository(connections).ownedBy(aUser('attacker')));
    expect((await mine.add(aNewTask())).number).toBe(1);
    expect(await mine.list({ completed: undefined, order: 'newest' })).toHaveLength(1);
    expect(await mine.removeAll()).toEqual({ tasks: 1, lastNumber: 1 });
    expect(await rowsOf(victim.user)).toEqual(victim.before);
  });

  describe.each(PLACES)('$frontend.name at "$prefix"', ({ frontend, atRoot, tasksOf, requestsTo }) => {
    it('answers as if the tasks of others did not exist', async ({ connections, victim, rowsOf, onTestFinished }) => {
      const app = await startApp({ tasks: new PostgresTaskRepository(connections), contract: atRoot });
      onTestFinished(() => app.close());
      const attacker = aUser('attacker');
      const send = app.as(attacker);
      const tasks = tasksOf(attacker);
      const key = frontend.id === 'uuid' ? victim.id : '1';
      for (const [method, path, options] of requestsTo(`${tasks}/${key}`)) {
        expect((await send(method, path, options)).status, `${method} ${path}`).toBe(404);
      }
      expect((await send('GET', tasks)).text).not.toContain(TITLE);
      expect((await send('POST', tasks, { body: { title: 'Mine' } })).status).toBe(201);
      expect(await rowsOf(victim.user)).toEqual(victim.before);
    });
  });
}

/** The parameters behind the user: a task of the victim, and values that a change would write. */
function valuesFor({ name }: Statement, id: string): readonly Parameter[] {
  const key = name.endsWith('_by_id') ? [id] : name.endsWith('_by_number') ? [1] : [];
  if (name.includes('remove_task') || name.includes('record_deletion')) return [...key, null];
  if (name === 'taskwell_forget_keys' || name === 'taskwell_find_key') return ['key'];
  if (name === 'taskwell_remember_key') return ['key', 'print', id];
  if (name === 'taskwell_read_changes') return [-1, 0, 0, 1000];
  if (name === 'taskwell_list_by_numbers' || name === 'taskwell_list_whole') return ['{1}'];
  if (name === 'taskwell_insert_task' || name === 'taskwell_create_task') return [v7(), ATTACKERS_TITLE, null];
  if (name.startsWith('taskwell_list_') && name.endsWith('_by_search')) return SEARCH;
  if (name.startsWith('taskwell_page_')) return pageValuesFor(name);
  const position = name.endsWith('_after') ? [Number.MAX_SAFE_INTEGER, 0] : [];
  if (name.includes('_list_')) return [...(name.includes('_by_completion') ? [false] : []), ...position];
  return /(change|update)_task/.test(name) ? [...key, null, true, null, true, ATTACKERS_TITLE, true, null] : key;
}

function pageValuesFor(name: string): readonly Parameter[] {
  const filter = name.endsWith('_by_completion') ? [false] : name.endsWith('_by_search') ? SEARCH : [];
  if (name.includes('_count')) return filter;
  const cursor = name.includes('_title') ? [null, null, null] : [Number.MAX_SAFE_INTEGER, 0];
  return [1000, ...cursor, ...filter];
}
