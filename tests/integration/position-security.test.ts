import { describe, expect } from 'vitest';
import type { UserId } from '../../domain/user-id.ts';
import { READ_POSITIONS } from '../../infrastructure/postgres/tasks/position-statements.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { actionsOn } from '../conformance/actions.ts';
import { aNewTask, aUser } from '../conformance/builders.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';

const CONDITION = 'where user_id = named.user_id';
const NAMING = `set_config('app.user_id', watched.user_id, true)`;

/** `users`: two users with a task each, and one without; there are tasks of others, too. */
const it = itWithDatabase().extend('users', async ({ connect, database }) => {
  const repository = new PostgresTaskRepository(connect({ url: database.url }));
  const [ann, bob, stranger] = [aUser(), aUser(), aUser('stranger')];
  for (const user of [ann, bob, stranger]) await actionsOn(repository.ownedBy(user)).add(aNewTask());
  return [ann, bob, aUser('newcomer')] as const;
});

const changed = (from: string, to: string) => {
  expect(READ_POSITIONS.text).toContain(from);
  return { ...READ_POSITIONS, name: '', text: READ_POSITIONS.text.replace(from, to) };
};
const json = (users: readonly UserId[]) => [JSON.stringify(users)];

describe('the positions of several users', () => {
  it('are shown to a role that row-level security binds', async ({ users, connect, database }) => {
    const [ann, bob] = users;
    const rows = await connect({ url: database.url }).run(READ_POSITIONS, json(users));
    expect(rows).toEqual([
      [ann, '1'],
      [bob, '1'],
    ]);
  });

  it('are those of these users by row-level security alone', async ({ users, connect, database }) => {
    const [ann, bob] = users;
    const forgetful = changed(CONDITION, 'where named.user_id is not null');
    expect(await connect({ url: database.url }).run(forgetful, json(users))).toEqual([
      [ann, '1'],
      [bob, '1'],
    ]);
    const unbound = await connect({ url: database.ownerUrl }).run(forgetful, json(users));
    expect(unbound.length).toBeGreaterThan(2); // without either lock, it would show more
  });

  it('are those of these users by the condition alone', async ({ users, connect, database }) => {
    const [ann, bob] = users;
    expect(await connect({ url: database.ownerUrl }).run(READ_POSITIONS, json(users))).toEqual([
      [ann, '1'],
      [bob, '1'],
    ]);
  });

  it('are hidden from a transaction that has not named the user', async ({ users, connect, database }) => {
    expect(await connect({ url: database.url }).run(changed(NAMING, 'watched.user_id'), json(users))).toEqual([]);
  });

  it('name the users for this transaction alone', async ({ users, connect, database }) => {
    const connections = connect({ url: database.url, poolSize: 1 });
    const everything = { name: '', text: 'select user_id from task_counters', reads: true } as const;
    await connections.run(READ_POSITIONS, json(users));
    expect(await connections.run(everything, [])).toEqual([]);
    await Promise.all([
      connections.run(READ_POSITIONS, json(users)),
      expect(connections.run(everything, [])).resolves.toEqual([]),
      expect(connections.run(everything, [], users[1])).resolves.toEqual([[users[1]]]),
    ]);
  });

  it('are read by the index, once for each user', async ({ users, connect, database }) => {
    await database.query(`insert into task_counters select 'other ' || n, 1, n from generate_series(1, 20000) as n`);
    await database.query('analyze task_counters');
    const explain = { name: '', text: `explain ${READ_POSITIONS.text}`, reads: true } as const;
    const plan = (await connect({ url: database.url }).run(explain, json(users))).flat().join('\n');
    expect(plan).toMatch(/Index (Only )?Scan using task_counters_pkey/);
    expect(plan).not.toMatch(/Seq Scan/);
  });
});
