import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import { Description } from '../../domain/description.ts';
import type { Task } from '../../domain/task.ts';
import { cleared, toggled } from '../../domain/task-change.ts';
import { TaskId } from '../../domain/task-id.ts';
import { Title } from '../../domain/title.ts';
import { actionsOn } from './actions.ts';
import { aNewTask, aUser } from './builders.ts';
import { changeFeedTests } from './change-feed.ts';
import { Cleanup, type OnCleanup } from './cleanup.ts';
import { listPageTests } from './list-pages.ts';
import { repositoryCommands } from './repository-model.ts';
import { safeWriteTests } from './safe-writes.ts';
import { searchTests } from './searches.ts';
import { compareTitles, confusableTitles } from './title-order.ts';

/**
 * Defines the tests that every adapter of TaskRepository has to pass. Call it in a test file of Vitest.
 *
 * @param name of the adapter, for the name of the suite
 * @param open opens the repository, once. It may pass functions to `onCleanup`, such as one that closes a connection;
 *   they run after the last test, the last one first. The tests call the repository concurrently: an adapter with a
 *   connection pool should open its connections in advance, because a new connection delays a call and hides a race.
 */
export function itIsATaskRepository(name: string, open: (onCleanup: OnCleanup) => Promise<TaskRepository>): void {
  describe(`${name} as a TaskRepository`, () => {
    let tasks: TaskRepository;
    const cleanup = new Cleanup();
    beforeAll(async () => {
      tasks = await open(cleanup.add);
    });
    afterAll(cleanup.run);

    it('returns a task as it was added, by both of its ids', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      const given = aNewTask({ description: Description('Milk,\n eggs 🛒 ') });
      const added = await mine.add(given);
      expect(added).toMatchObject({ ...given, number: 1, completed: false, version: 1 });
      expect(added.createdAt).toBe(added.updatedAt);
      expect(await mine.find({ id: added.id })).toEqual(added);
      expect(await mine.find({ number: added.number })).toEqual(added);
      expect(await mine.list({ order: 'newest' })).toEqual([added]);
    });

    it('distinguishes a missing description from an empty one', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      expect((await mine.add(aNewTask({ description: undefined }))).description).toBeUndefined();
      expect((await mine.add(aNewTask({ description: Description('') }))).description).toBe('');
    });

    it('hides a task from everyone but its owner', async () => {
      const [owner, stranger] = [actionsOn(tasks.ownedBy(aUser('owner'))), actionsOn(tasks.ownedBy(aUser('stranger')))];
      const task = await owner.add(aNewTask());
      for (const ref of [{ id: task.id }, { number: task.number }]) {
        expect(await stranger.find(ref)).toBeUndefined();
        expect(await stranger.change(ref, { completed: toggled })).toBeUndefined();
        expect(await stranger.change(ref, {})).toBeUndefined();
        expect(await stranger.remove(ref)).toBe(false);
      }
      expect(await stranger.list({ order: 'newest' })).toEqual([]);
      expect(await stranger.list({ order: 'title', completed: false })).toEqual([]);
      expect(await owner.find({ id: task.id })).toEqual(task);
    });

    it('distinguishes users whose ids differ only in letter case or white space', async () => {
      const name = aUser('ann');
      await actionsOn(tasks.ownedBy(name)).add(aNewTask());
      for (const other of [name.toUpperCase(), `${name} `, ` ${name}`, `${name}\u0301`]) {
        expect(await actionsOn(tasks.ownedBy(other as typeof name)).list({ order: 'newest' })).toEqual([]);
      }
    });

    it('never reuses a number, not even that of a removed task', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      const [first, second] = [await mine.add(aNewTask()), await mine.add(aNewTask())];
      expect(await mine.remove({ id: second.id })).toBe(true);
      expect(await mine.remove({ number: first.number })).toBe(true);
      expect((await mine.add(aNewTask())).number).toBe(3);
    });

    it('returns whether there was a task to remove', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      const { id } = await mine.add(aNewTask());
      expect(await mine.remove({ id })).toBe(true);
      expect(await mine.remove({ id })).toBe(false);
    });

    it('changes only the fields that a change names', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      const task = await mine.add(aNewTask({ description: Description('Milk') }));
      const renamed = await mine.change({ id: task.id }, { title: Title('Buy milk') });
      expect(renamed).toEqual({
        ...task,
        title: 'Buy milk',
        version: 2,
        position: task.position + 1,
        updatedAt: renamed?.updatedAt,
      });
      const emptied = await mine.change({ number: task.number }, { description: cleared, completed: true });
      expect(emptied).toMatchObject({ title: 'Buy milk', description: undefined, completed: true, version: 3 });
      expect(await mine.find({ id: task.id })).toEqual(emptied);
    });

    it('moves updatedAt forward, unless the change is empty', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      const task = await mine.add(aNewTask());
      expect(await mine.change({ id: task.id }, {})).toEqual(task);
      const touched = await mine.change({ id: task.id }, { title: task.title });
      expect(touched!.updatedAt > task.updatedAt).toBe(true);
      expect(touched!.createdAt).toBe(task.createdAt);
    });

    it('lists all tasks, or those of one completion, newest first', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      const [first, second, third] = [
        await mine.add(aNewTask()),
        await mine.add(aNewTask()),
        await mine.add(aNewTask()),
      ];
      await mine.change({ id: second.id }, { completed: true });
      const numbers = async (completed?: boolean) =>
        (await mine.list({ order: 'newest', completed })).map(({ number }) => number);
      expect(await numbers()).toEqual([third.number, second.number, first.number]);
      expect(await numbers(false)).toEqual([third.number, first.number]);
      expect(await numbers(true)).toEqual([second.number]);
    });

    it('lists by title without regard to letter case, equal titles newest first', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      for (const title of ['banana', 'Cherry', 'apple', 'Äpfel', 'Banana', '10 eggs', 'éclair', 'zebra', 'date']) {
        await mine.add(aNewTask({ title: Title(title) }));
      }
      const titles = (await mine.list({ order: 'title' })).map(({ title }) => title);
      expect(titles).toEqual(['10 eggs', 'Äpfel', 'apple', 'Banana', 'banana', 'Cherry', 'date', 'éclair', 'zebra']);
    });

    it.each([
      ['spellings of one text as equal', ['\u00e9t\u00e9', 'e\u0301te\u0301'], [1, 0]],
      ['marks in any sequence as equal', ['a\u0301\u0323', 'a\u0323\u0301'], [1, 0]],
      ['titles that differ in a character without weight by code point', ['a\u200b', 'a', 'a\u0001'], [1, 2, 0]],
      ['code points above U+FFFF after those below', ['a\u{e0100}', 'a\ufe0f'], [1, 0]],
    ])('sorts %s', async (_, titles, order) => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      for (const title of titles) await mine.add(aNewTask({ title: Title(title) }));
      const listed = (await mine.list({ order: 'title' })).map(({ number }) => number - 1);
      expect(listed).toEqual(order);
    });

    it('lists any titles in the order of the root collation, equal titles newest first', async () => {
      await fc.assert(
        fc.asyncProperty(confusableTitles, async (titles) => {
          const mine = actionsOn(tasks.ownedBy(aUser()));
          for (const title of titles) await mine.add(aNewTask({ title }));
          const expected = titles.toReversed().sort(compareTitles);
          expect((await mine.list({ order: 'title' })).map(({ title }) => title)).toEqual(expected);
        }),
        { numRuns: 60 },
      );
    });

    it('counts tasks, and finds the five that changed last', async () => {
      const mine = tasks.ownedBy(aUser());
      const nobodys = { total: 0, completed: 0, recent: [] };
      expect(await mine.statistics()).toEqual(nobodys);
      const [first, second] = [await actionsOn(mine).add(aNewTask()), await actionsOn(mine).add(aNewTask())];
      const done = await actionsOn(mine).change({ id: first.id }, { completed: true });
      expect(await mine.statistics()).toEqual({ total: 2, completed: 1, recent: [done, second] });
      for (let n = 3; n <= 7; n += 1) await actionsOn(mine).add(aNewTask());
      const touched = await actionsOn(mine).change({ id: second.id }, { title: Title('Call Ann') });
      const { recent, ...counts } = await mine.statistics();
      expect(counts).toEqual({ total: 7, completed: 1 });
      expect(recent.map(({ number }) => number)).toEqual([2, 7, 6, 5, 4]);
      expect(recent[0]).toEqual(touched);
      expect(await tasks.ownedBy(aUser()).statistics()).toEqual(nobodys);
    });

    it('lists many tasks completely, each once and in order, whatever the filter', async () => {
      const owned = tasks.ownedBy(aUser());
      const mine = actionsOn(owned);
      const added: Task[] = [];
      while (added.length < 1_200) {
        const next = Array.from({ length: 60 }, (_, index) => mine.add(aNewTask({ title: Title(`t${index % 7}`) })));
        added.push(...(await Promise.all(next)));
      }
      for (const { id } of added.slice(0, 20)) await mine.change({ id }, { completed: true });
      const newest = added.map(({ number }) => number).sort((a, b) => b - a);
      const titles = new Map(added.map(({ number, title }) => [number, title]));
      const byTitle = newest.toSorted((a, b) => compareTitles(titles.get(a)!, titles.get(b)!));
      const done = new Set(added.slice(0, 20).map(({ number }) => number));
      for (const [order, expected] of [['newest', newest] as const, ['title', byTitle] as const]) {
        for (const completed of [undefined, true, false]) {
          const numbers = (await mine.list({ order, completed })).map(({ number }) => number);
          expect(numbers).toEqual(expected.filter((n) => completed === undefined || done.has(n) === completed));
        }
      }
      let batches = 0;
      for await (const batch of owned.list({ order: 'newest' })) {
        expect(batch.tasks.length).toBeLessThan(1_200);
        batches += 1;
        if (batches === 2) break; // as a client that leaves
      }
      expect(await mine.find({ id: added[0]!.id })).toMatchObject({ completed: true });
    });

    it('lists long descriptions whole, in their places', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      const added: Task[] = [];
      for (const length of [3, 100_000, 4_096, 4_097, 100_000, 0, 100_000, 2_048, 100_000]) {
        for (const letter of ['x', 'ä', '🛒']) {
          added.push(await mine.add(aNewTask({ description: Description(letter.repeat(length)) })));
        }
      }
      expect(await mine.list({ order: 'newest' })).toEqual(added.toReversed());
      expect(await mine.list({ order: 'title', completed: false })).toEqual(added.toReversed());
    });

    it('applies each of 21 concurrent toggles', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      const { id } = await mine.add(aNewTask());
      await Promise.all(Array.from({ length: 21 }, () => mine.change({ id }, { completed: toggled })));
      expect(await mine.find({ id })).toMatchObject({ completed: true, version: 22 });
    });

    it('applies two concurrent changes to different fields', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      const { id } = await mine.add(aNewTask());
      for (let round = 0; round < 20; round += 1) {
        const [title, description] = [Title(`title ${round}`), Description(`description ${round}`)];
        await Promise.all([mine.change({ id }, { title }), mine.change({ id }, { description })]);
        expect(await mine.find({ id })).toMatchObject({ title, description });
      }
    });

    it('gives 40 tasks that are added concurrently consecutive numbers', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      const added = await Promise.all(Array.from({ length: 40 }, () => mine.add(aNewTask())));
      const numbers = added.map(({ number }) => number).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    });

    it('does not use up a number when adding a task fails', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      const { id } = await mine.add(aNewTask());
      await mine.add(aNewTask({ id })).catch(() => 'refused');
      const next: Task = await mine.add(aNewTask({ id: TaskId(crypto.randomUUID()) }));
      expect(next.number).toBe((await mine.list({ order: 'newest' })).length);
    });

    it('erases everything of one owner, returns what it was, and leaves other owners alone', async () => {
      const [mine, others] = [actionsOn(tasks.ownedBy(aUser())), actionsOn(tasks.ownedBy(aUser()))];
      const { id } = await mine.add(aNewTask());
      await mine.add(aNewTask());
      await mine.remove({ id });
      const kept = await others.add(aNewTask());
      expect(await mine.removeAll()).toEqual({ tasks: 1, lastNumber: 2 });
      expect(await mine.list({ order: 'newest' })).toEqual([]);
      expect(await mine.removeAll()).toEqual({ tasks: 0, lastNumber: undefined });
      expect((await mine.add(aNewTask())).number).toBe(1);
      expect(await others.find({ id: kept.id })).toEqual(kept);
      expect((await others.add(aNewTask())).number).toBe(2);
    });

    it('erases every earlier task while tasks are added concurrently', async () => {
      const mine = actionsOn(tasks.ownedBy(aUser()));
      for (let round = 0; round < 20; round += 1) {
        await mine.add(aNewTask());
        const adding = Array.from({ length: 6 }, () => mine.add(aNewTask()));
        const erasing = mine.removeAll();
        await Promise.all([...adding, erasing]);
        const numbers = (await mine.list({ order: 'newest' })).map(({ number }) => number).sort((a, b) => a - b);
        // What came after is numbered from 1 again, without a gap or a leftover of before.
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        expect((await mine.add(aNewTask())).number).toBe(numbers.length + 1);
      }
    });

    it('behaves like a simple model for any sequence of actions of several users', async () => {
      await fc.assert(
        fc.asyncProperty(repositoryCommands(), async (commands) => {
          const users = [aUser('ann'), aUser('bob'), aUser('cy')];
          await fc.asyncModelRun(() => ({ model: { users, owned: new Map() }, real: tasks }), commands);
        }),
        { numRuns: 60 },
      );
    });

    safeWriteTests(() => tasks);
    changeFeedTests(() => tasks);
    listPageTests(() => tasks);
    searchTests(() => tasks);
  });
}
