import { expect, it } from 'vitest';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import { IdempotencyKey } from '../../domain/idempotency-key.ts';
import { type Revision, revisionOf } from '../../domain/revision.ts';
import { toggled } from '../../domain/task-change.ts';
import { Title } from '../../domain/title.ts';
import { actionsOn } from './actions.ts';
import { aNewTask, aUser, type NewTask } from './builders.ts';

const KEY = IdempotencyKey('8e03978e-40d5-43dd-bc93-6894a57f9324');

/** Tests of idempotency keys and preconditions. */
export function safeWriteTests(repository: () => TaskRepository): void {
  const mine = (user = aUser()) => {
    const owned = repository().ownedBy(user);
    const create = ({ id, ...details }: NewTask, once = KEY) => owned.write({ kind: 'create', id, details, once });
    return { owned, create, ...actionsOn(owned) };
  };

  it('creates a task once for a key, and returns it as it was created from then on', async () => {
    const { owned, create, change, remove, list, add } = mine();
    const details = { title: Title('Buy milk'), description: undefined };
    const first = await create(aNewTask(details));
    if (first.outcome !== 'done') throw new Error(first.outcome);
    const { task } = first;
    expect(await create(aNewTask(details))).toEqual({ outcome: 'replayed', task });
    await change({ id: task.id }, { completed: true, title: Title('Buy bread') });
    expect(await create(aNewTask(details))).toEqual({ outcome: 'replayed', task });
    await remove({ id: task.id });
    expect(await create(aNewTask(details))).toEqual({ outcome: 'replayed', task });
    expect(await list({ order: 'newest' })).toEqual([]);
    expect((await add(aNewTask())).number).toBe(2);
    expect((await owned.state())?.position).toBe(4);
  });

  it('refuses a key that belongs to a task with other details, and writes nothing', async () => {
    const { create, list, owned } = mine();
    await create(aNewTask());
    const state = await owned.state();
    expect(await create(aNewTask({ title: Title('Buy milk') }))).toEqual({ outcome: 'key reused' });
    expect(await list({ order: 'newest' })).toHaveLength(1);
    expect(await owned.state()).toEqual(state);
  });

  it('keeps the keys of users apart, and forgets them with their data', async () => {
    const [ann, bob] = [mine(), mine()];
    expect(await ann.create(aNewTask())).toMatchObject({ outcome: 'done' });
    expect(await bob.create(aNewTask({ title: Title('Buy milk') }))).toMatchObject({ outcome: 'done' });
    await ann.removeAll();
    expect(await ann.create(aNewTask({ title: Title('Buy bread') }))).toMatchObject({ outcome: 'done' });
    expect(await bob.create(aNewTask({ title: Title('Buy milk') }))).toMatchObject({ outcome: 'replayed' });
  });

  it('makes one task of 50 concurrent creates with one key', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { create, list } = mine();
      const written = await Promise.all(Array.from({ length: 50 }, () => create(aNewTask())));
      const tasks = written.map((one) => ('task' in one ? one.task : one));
      expect(written.filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
      expect(tasks).toEqual(tasks.map(() => tasks[0]));
      expect(await list({ order: 'newest' })).toEqual([tasks[0]]);
    }
  });

  it('writes only if the task is in an expected state', async () => {
    const { owned, add } = mine();
    const task = await add(aNewTask());
    const change = (...revisions: Revision[]) =>
      owned.write({ kind: 'change', task: { id: task.id }, change: { completed: toggled }, if: { revisions } });
    const changed = await change(revisionOf(task));
    if (changed.outcome !== 'done') throw new Error(changed.outcome);
    expect(await change(revisionOf(task))).toEqual({ outcome: 'stale' });
    expect(await change()).toEqual({ outcome: 'stale' });
    expect(await owned.find({ id: task.id })).toEqual(changed.task);
    expect(await change(revisionOf(task), revisionOf(changed.task))).toMatchObject({ outcome: 'done' });
    const nothing = { kind: 'change', task: { number: task.number }, change: {} } as const;
    expect(await owned.write({ ...nothing, if: { revisions: [revisionOf(task)] } })).toEqual({ outcome: 'stale' });
  });

  it('removes only a task that is in an expected state', async () => {
    const { owned, add, change, list } = mine();
    const [task, other] = [await add(aNewTask()), await add(aNewTask())];
    await change({ id: task.id }, { completed: true });
    const remove = (revision: Revision) =>
      owned.write({ kind: 'remove', task: { number: task.number }, if: { revisions: [revision] } });
    expect(await remove(revisionOf(task))).toEqual({ outcome: 'stale' });
    expect(await remove(revisionOf(other))).toEqual({ outcome: 'stale' });
    const now = await owned.find({ id: task.id });
    expect(await remove(revisionOf(now!))).toMatchObject({ outcome: 'done' });
    expect(await remove(revisionOf(now!))).toEqual({ outcome: 'absent' });
    expect(await list({ order: 'newest' })).toEqual([other]);
  });

  it('does not take a task for one that had its number before the data of the user was erased', async () => {
    const { owned, add, removeAll } = mine();
    const before = await add(aNewTask());
    await removeAll();
    const after = await add(aNewTask());
    expect([after.number, after.version]).toEqual([before.number, before.version]);
    const write = { kind: 'remove', task: { number: after.number }, if: { revisions: [revisionOf(before)] } } as const;
    expect(await owned.write(write)).toEqual({ outcome: 'stale' });
  });

  it('lets exactly one of two writers with the same expected state succeed', async () => {
    const { owned, add } = mine();
    let task = await add(aNewTask());
    for (let round = 0; round < 100; round += 1) {
      const write = { kind: 'change', task: { id: task.id }, if: { revisions: [revisionOf(task)] } } as const;
      const written = await Promise.all(
        ['one', 'two'].map((title) => owned.write({ ...write, change: { title: Title(title) } })),
      );
      expect(written.map(({ outcome }) => outcome).sort()).toEqual(['done', 'stale']);
      task = (await owned.find({ id: task.id }))!;
    }
    expect(task.version).toBe(101);
  });

  it('gives each write its own position, in the order in which they are applied', async () => {
    const { owned, add, change, remove } = mine();
    expect(await owned.state()).toBeUndefined();
    const added = await Promise.all(Array.from({ length: 20 }, () => add(aNewTask())));
    expect(added.map(({ position }) => position).sort((a, b) => a - b)).toEqual(added.map((_, index) => index + 1));
    const [{ id } = added[0]!] = added;
    const changed = await Promise.all(Array.from({ length: 20 }, () => change({ id }, { completed: toggled })));
    for (const task of changed) expect(task!.position - 19).toBe(task!.version);
    const removed = await owned.write({ kind: 'remove', task: { id } });
    expect(removed).toEqual({ outcome: 'done', position: 41 });
    expect((await owned.state())?.position).toBe(41);
    await remove({ number: added[1]!.number });
    expect((await owned.state())?.position).toBe(42);
  });
}
