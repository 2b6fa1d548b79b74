import { expect } from 'vitest';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { LOCK_COUNTER, REMOVE_COUNTER } from '../../infrastructure/postgres/tasks/erase-statements.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { INSERT_TASK, NEXT_NUMBER } from '../../infrastructure/postgres/tasks/task-statements.ts';
import { actionsOn } from '../conformance/actions.ts';
import { aNewTask, aUser } from '../conformance/builders.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { usesPooler } from '../support/pooler-for-tests.ts';

const it = itWithDatabase().extend('connections', { scope: 'file' }, async ({ database }, { onCleanup }) => {
  const connections = new PostgresDatabase({
    url: database.settings.DATABASE_URL,
    poolSize: 4,
    prepare: !usesPooler,
    timeout: 20_000,
  });
  onCleanup(() => connections.close());
  return connections;
});

it('waits for a create in progress, and erases its task as well', async ({ database, connections }) => {
  const user = aUser();
  const mine = actionsOn(new PostgresTaskRepository(connections).ownedBy(user));
  await mine.add(aNewTask());
  const creating = await database.holding('select 1');
  try {
    await creating.query(NEXT_NUMBER.text, [user]);
    await creating.query(INSERT_TASK.text, [user, crypto.randomUUID(), 'Buy groceries', null]);
    const erasing = mine.removeAll();
    await database.lockAwaited();
    await creating.query('commit');
    expect(await erasing).toEqual({ tasks: 2, lastNumber: 2 });
  } finally {
    await creating.end();
  }
});

it('keeps the counter for a concurrent create if there was no counter to lock', async ({ database, connections }) => {
  const user = aUser();
  const mine = actionsOn(new PostgresTaskRepository(connections).ownedBy(user));
  expect(await connections.run(LOCK_COUNTER, [user], user)).toEqual([]);
  const { id } = await mine.add(aNewTask());
  await mine.remove({ id });
  const creating = await database.holding('select 1');
  try {
    await creating.query(NEXT_NUMBER.text, [user]);
    await creating.query(INSERT_TASK.text, [user, crypto.randomUUID(), 'Buy groceries', null]);
    const removing = connections.run(REMOVE_COUNTER, [user], user);
    await database.lockAwaited();
    await creating.query('commit');
    expect(await removing).toEqual([]);
  } finally {
    await creating.end();
  }
  expect((await mine.add(aNewTask())).number).toBe(3);
});
