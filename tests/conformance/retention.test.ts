import { describe, expect } from 'vitest';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import { IdempotencyKey } from '../../domain/idempotency-key.ts';
import { Title } from '../../domain/title.ts';
import type { UserId } from '../../domain/user-id.ts';
import { InMemoryTaskRepository } from '../../infrastructure/in-memory/in-memory-task-repository.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { TickingClock } from '../support/ticking-clock.ts';
import { actionsOn } from './actions.ts';
import { aNewTask, aUser } from './builders.ts';

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** A repository whose time a test can move. */
interface Aging {
  readonly repository: TaskRepository;
  /** Makes everything that is stored for a user older by these hours. */
  readonly age: (user: UserId, hours: number) => Promise<void>;
}

const it = itWithDatabase()
  .extend('memory', (): Aging => {
    const clock = new TickingClock();
    return {
      repository: new InMemoryTaskRepository(clock),
      age: async (_, hours) => clock.advance(hours * HOUR_MS),
    };
  })
  .extend('postgres', ({ database, connect }): Aging => {
    const older = (table: string, column: string) =>
      `update ${table} set ${column} = ${column} - make_interval(hours => $2) where user_id = $1`;
    return {
      repository: new PostgresTaskRepository(connect()),
      age: async (user, hours) => {
        await database.query(older('task_deletions', 'deleted_at'), [user, hours]);
        await database.query(older('idempotency_keys', 'created_at'), [user, hours]);
      },
    };
  });

describe.each(['memory', 'postgres'] as const)('in %s', (adapter) => {
  it('an idempotency key is remembered for 24 hours', async ({ memory, postgres }) => {
    const { repository, age } = { memory, postgres }[adapter];
    const user = aUser();
    const create = (title: string, key: string) => {
      const { id, ...details } = aNewTask({ title: Title(title) });
      return repository.ownedBy(user).write({ kind: 'create', id, details, once: IdempotencyKey(key) });
    };
    await create('Buy milk', 'first');
    await age(user, DAY_HOURS - 1);
    expect(await create('Buy milk', 'first')).toMatchObject({ outcome: 'replayed', task: { number: 1 } });
    for (let n = 0; n < 25; n += 1) await create('Buy eggs', `other ${n}`);
    await age(user, 2);
    expect(await create('Buy bread', 'first')).toMatchObject({ outcome: 'done', task: { number: 27 } });
    expect(await create('Buy eggs', 'other 24')).toMatchObject({ outcome: 'replayed', task: { number: 26 } });
    await age(user, DAY_HOURS);
    for (let n = 24; n >= 0; n -= 1) {
      expect(await create('Buy butter', `other ${n}`)).toMatchObject({ outcome: 'done' });
    }
  });

  it('a deletion is remembered for 30 days, and later ones expire the checkpoints before it', async ({
    memory,
    postgres,
  }) => {
    const { repository, age } = { memory, postgres }[adapter];
    const user = aUser();
    const owned = repository.ownedBy(user);
    const mine = actionsOn(owned);
    const added = [];
    for (let n = 0; n < 26; n += 1) added.push(await mine.add(aNewTask()));
    const before = await owned.changes(undefined, 100);
    if (before === 'expired') throw new Error(before);
    for (const { id } of added.slice(0, 25)) await mine.remove({ id });
    await age(user, 29 * DAY_HOURS);
    const [last] = added.slice(-1);
    await mine.change({ id: last!.id }, { completed: true });
    expect(await owned.changes(before.next, 100)).toMatchObject({ changes: { length: 26 }, more: false });
    const after = await owned.changes(undefined, 100);
    if (after === 'expired') throw new Error(after);
    await age(user, 2 * DAY_HOURS);
    for (let n = 0; n < 3; n += 1) await mine.remove(await mine.add(aNewTask()));
    expect(await owned.changes(before.next, 100)).toBe('expired');
    expect(await owned.changes(after.next, 100)).toMatchObject({ changes: { length: 3 }, more: false });
    const walked = await owned.changes(undefined, 100);
    expect(walked).toMatchObject({ changes: [{ task: { id: last!.id, completed: true } }], more: false });
  });
});

describe('in postgres', () => {
  it('old keys and deletions of a user are removed a few at a time', async ({ database, postgres }) => {
    const user = aUser();
    const owned = postgres.repository.ownedBy(user);
    const mine = actionsOn(owned);
    const once = (key: string) => {
      const { id, ...details } = aNewTask();
      return owned.write({ kind: 'create', id, details, once: IdempotencyKey(key) });
    };
    const rows = async () =>
      (
        await database.query(
          `select (select count(*)::int from idempotency_keys where user_id = $1) as keys,
             (select count(*)::int from task_deletions where user_id = $1) as deletions`,
          [user],
        )
      ).rows[0];
    for (let n = 0; n < 15; n += 1) await once(`key ${n}`);
    for (let n = 1; n <= 15; n += 1) await mine.remove((await mine.list({ order: 'newest' }))[0]!);
    expect(await rows()).toEqual({ keys: 15, deletions: 15 });
    await postgres.age(user, 31 * DAY_HOURS);
    await once('new');
    expect(await rows()).toEqual({ keys: 6, deletions: 15 });
    await mine.remove((await mine.list({ order: 'newest' }))[0]!);
    expect(await rows()).toEqual({ keys: 6, deletions: 6 });
    await once('newer');
    expect(await rows()).toEqual({ keys: 2, deletions: 6 });
  });
});
