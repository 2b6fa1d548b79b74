import { afterAll, beforeAll, expect, it } from 'vitest';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import {
  INSERT_TASK,
  LOCK_COUNTER,
  NEXT_NUMBER,
  REMOVE_COUNTER,
} from '../../infrastructure/postgres/tasks/task-statements.ts';
import { actionsOn } from '../conformance/actions.ts';
import { aNewTask, aUser } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let test: TestDatabase;
let database: PostgresDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  database = new PostgresDatabase({ url: test.url, poolSize: 4, prepare: true, timeout: 20_000 });
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

it('waits for a create that is under way, and erases its task, too', async () => {
  const user = aUser();
  const mine = actionsOn(new PostgresTaskRepository(database).ownedBy(user));
  await mine.add(aNewTask());
  const creating = await test.holding('select 1');
  try {
    await creating.query(NEXT_NUMBER.text, [user]);
    await creating.query(INSERT_TASK.text, [user, crypto.randomUUID(), 'Buy groceries', null]);
    const erasing = mine.removeAll();
    await test.lockAwaited();
    await creating.query('commit');
    expect(await erasing).toEqual({ tasks: 2, lastNumber: 2 });
  } finally {
    await creating.end();
  }
});

it('leaves the counter to a create that came in between, where there was none to lock', async () => {
  const user = aUser();
  const mine = actionsOn(new PostgresTaskRepository(database).ownedBy(user));
  expect(await database.run(LOCK_COUNTER, [user])).toEqual([]);
  const { id } = await mine.add(aNewTask());
  await mine.remove({ id });
  const creating = await test.holding('select 1');
  try {
    await creating.query(NEXT_NUMBER.text, [user]);
    await creating.query(INSERT_TASK.text, [user, crypto.randomUUID(), 'Buy groceries', null]);
    const removing = database.run(REMOVE_COUNTER, [user]);
    await test.lockAwaited();
    await creating.query('commit');
    expect(await removing).toEqual([]);
  } finally {
    await creating.end();
  }
  expect((await mine.add(aNewTask())).number).toBe(3);
});
