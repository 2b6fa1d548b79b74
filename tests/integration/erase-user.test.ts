import type pg from 'pg';
import { describe, expect } from 'vitest';
import type { UserId } from '../../domain/user-id.ts';
import type { DatabaseEngine } from '../../infrastructure/postgres/connection/group-frame.ts';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import {
  LOCK_COUNTER,
  REMOVE_ALL_TASKS,
  REMOVE_COUNTER,
} from '../../infrastructure/postgres/tasks/erase-statements.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { CREATE_TASK, INSERT_TASK, NEXT_NUMBER } from '../../infrastructure/postgres/tasks/task-statements.ts';
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

const DETAILS = ['Buy groceries', null] as const;

describe.for([
  {
    on: 'PostgreSQL',
    create: (client: pg.Client, user: UserId) =>
      client.query(CREATE_TASK.text, [user, crypto.randomUUID(), ...DETAILS]),
  },
  {
    on: 'Citus',
    create: async (client: pg.Client, user: UserId) => {
      await client.query(NEXT_NUMBER.text, [user]);
      await client.query(INSERT_TASK.text, [user, crypto.randomUUID(), ...DETAILS]);
    },
  },
])('erasing a user, with creates as on $on', ({ create }) => {
  it('waits for a create in progress, and erases its task as well', async ({ database, connections }) => {
    const user = aUser();
    const mine = actionsOn(new PostgresTaskRepository(connections).ownedBy(user));
    await mine.add(aNewTask());
    const creating = await database.holding('select 1');
    try {
      await create(creating, user);
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
      await create(creating, user);
      const removing = connections.run(REMOVE_COUNTER, [user], user);
      await database.lockAwaited();
      await creating.query('commit');
      expect(await removing).toEqual([]);
    } finally {
      await creating.end();
    }
    expect((await mine.add(aNewTask())).number).toBe(3);
  });
});

// PgBouncer refuses the connection options for Citus.
const ENGINES: readonly DatabaseEngine[] = usesPooler ? ['postgresql'] : ['postgresql', 'citus'];

describe.for(ENGINES)('a change on %s', (engine) => {
  it('finds no task if it waits while the user is erased', async ({ database, connect }) => {
    const user = aUser();
    const mine = actionsOn(new PostgresTaskRepository(connect({ engine })).ownedBy(user));
    const { id } = await mine.add(aNewTask());
    const erasing = await database.holding('select 1');
    try {
      for (const { text } of [LOCK_COUNTER, REMOVE_ALL_TASKS, REMOVE_COUNTER]) await erasing.query(text, [user]);
      const changed = mine.change({ id }, { completed: true });
      await database.lockAwaited();
      await erasing.query('commit');
      expect(await changed).toBeUndefined();
    } finally {
      await erasing.end();
    }
  });
});
