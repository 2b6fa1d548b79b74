import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { OwnedTasks, TaskRepository } from '../../application/ports/task-repository.ts';
import { Description } from '../../domain/description.ts';
import type { ListCursor } from '../../domain/list-cursor.ts';
import type { Task, TaskQuery } from '../../domain/task.ts';
import { toggled } from '../../domain/task-change.ts';
import { Title } from '../../domain/title.ts';
import { actionsOn } from './actions.ts';
import { aNewTask, aUser } from './builders.ts';
import { confusableTitles } from './title-order.ts';

/** A client that reads a list page by page. */
class Pager {
  readonly seen: Task[] = [];
  private next: ListCursor | undefined;
  isDone = false;

  constructor(
    private readonly owned: OwnedTasks,
    readonly query: TaskQuery,
    private readonly limit: number,
  ) {}

  async read(): Promise<void> {
    if (this.isDone) return;
    const { tasks, next } = await this.owned.page(this.query, this.limit, this.next);
    expect(tasks.length).toBeLessThanOrEqual(this.limit);
    this.seen.push(...tasks);
    this.next = next;
    this.isDone = next === undefined;
  }

  async readAll(): Promise<readonly Task[]> {
    while (!this.isDone) await this.read();
    return this.seen;
  }
}

/** Reads a list page by page. */
export function readPages(owned: OwnedTasks, query: TaskQuery, limit: number): Promise<readonly Task[]> {
  return new Pager(owned, query, limit).readAll();
}

const QUERIES: readonly TaskQuery[] = (['newest', 'title'] as const).flatMap((order) =>
  [undefined, true, false].map((completed) => ({ order, completed })),
);

/** Tests of lists that are read page by page. */
export function listPageTests(repository: () => TaskRepository): void {
  it('reads the same list page by page, whatever the order and the filter', async () => {
    await fc.assert(
      fc.asyncProperty(confusableTitles, fc.integer({ min: 1, max: 5 }), async (titles, limit) => {
        const owned = repository().ownedBy(aUser());
        const mine = actionsOn(owned);
        for (const [index, title] of titles.entries()) {
          const { id } = await mine.add(aNewTask({ title }));
          if (index % 3 === 0) await mine.change({ id }, { completed: true });
        }
        for (const query of QUERIES) {
          expect(await readPages(owned, query, limit)).toEqual(await mine.list(query));
        }
      }),
      { numRuns: 10 },
    );
  });

  it('reads pages of few among many tasks, and of many', async () => {
    const owned = repository().ownedBy(aUser());
    const mine = actionsOn(owned);
    for (let added = 0; added < 520; added += 40) {
      await Promise.all(Array.from({ length: 40 }, (_, n) => mine.add(aNewTask({ title: Title(`t${n % 7}`) }))));
    }
    const all = await mine.list({ order: 'newest' });
    for (const { id } of [...all.slice(0, 5), ...all.slice(-5)]) await mine.change({ id }, { completed: true });
    for (const query of QUERIES) {
      const listed = await mine.list(query);
      expect(await readPages(owned, query, 99)).toEqual(listed);
      expect(await owned.page({ ...query, counted: true }, 1)).toMatchObject({ total: listed.length });
    }
  });

  it('says where to go on only if there is more, and counts only if asked', async () => {
    const owned = repository().ownedBy(aUser());
    const mine = actionsOn(owned);
    expect(await owned.page({ order: 'newest', counted: true }, 5)).toEqual({
      tasks: [],
      next: undefined,
      state: undefined,
      total: 0,
    });
    const [first, second] = [await mine.add(aNewTask()), await mine.add(aNewTask())];
    for (const order of ['newest', 'title'] as const) {
      const state = await owned.state();
      expect(await owned.page({ order }, 2)).toEqual({
        tasks: [second, first],
        next: undefined,
        state,
        total: undefined,
      });
      const page = await owned.page({ order, counted: true }, 1);
      expect(page).toMatchObject({ tasks: [second], state, total: 2 });
      expect(page.next).toMatchObject({ createdAt: second.createdAt, number: second.number });
      for await (const batch of owned.list({ order, counted: true })) expect(batch.total).toBe(2);
      for await (const batch of owned.list({ order })) expect(batch.total).toBeUndefined();
    }
  });

  it('goes on behind a task that was deleted, or renamed', async () => {
    const owned = repository().ownedBy(aUser());
    const mine = actionsOn(owned);
    const [a, b, c] = [
      await mine.add(aNewTask({ title: Title('a') })),
      await mine.add(aNewTask({ title: Title('b\nsecond line') })),
      await mine.add(aNewTask({ title: Title('c') })),
    ];
    const { tasks, next } = await owned.page({ order: 'title' }, 2);
    expect(tasks).toEqual([a, b]);
    await mine.change({ id: b.id }, { title: Title('z') });
    expect((await owned.page({ order: 'title' }, 1, next)).tasks).toEqual([c]);
    await mine.remove({ id: b.id });
    expect((await owned.page({ order: 'title' }, 2, next)).tasks).toEqual([c]);
  });

  it('returns long descriptions whole, at least one a page', async () => {
    const owned = repository().ownedBy(aUser());
    const mine = actionsOn(owned);
    for (let n = 0; n < 8; n += 1) await mine.add(aNewTask({ description: Description('🛒'.repeat(100_000)) }));
    const query = { order: 'newest' } as const;
    expect(await readPages(owned, query, 1_000)).toEqual(await mine.list(query));
  });

  it('shows each task that stays exactly once, whatever happens to others meanwhile', async () => {
    const action = fc.record({
      kind: fc.constantFrom('add', 'remove', 'toggle', 'rename', 'read', 'read'),
      task: fc.nat(30),
      title: fc.constantFrom('a', 'B', 'b', 'ä', 'z').map((text) => Title(text)),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 5, maxLength: 40 }),
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 5, maxLength: 12 }),
        fc.constantFrom(...QUERIES),
        fc.integer({ min: 1, max: 3 }),
        async (actions, titles, query, limit) => {
          const owned = repository().ownedBy(aUser());
          const mine = actionsOn(owned);
          const stable = new Map<string, Task>();
          for (const title of titles) {
            const { id } = await mine.add(aNewTask({ title: Title(title) }));
            if (query.completed) await mine.change({ id }, { completed: true });
            stable.set(id, (await mine.find({ id }))!);
          }
          const ids = [...stable.keys()];
          const pager = new Pager(owned, query, limit);
          for (const { kind, task, title } of actions) {
            const id = ids[task % ids.length] as Task['id'];
            if (kind === 'read') await pager.read();
            if (kind === 'add') ids.push((await mine.add(aNewTask({ title }))).id);
            if (kind === 'remove') await mine.remove({ id });
            if (kind === 'toggle') await mine.change({ id }, { completed: toggled });
            if (kind === 'rename') await mine.change({ id }, { title });
            if (kind === 'remove' || kind === 'toggle' || kind === 'rename') stable.delete(id);
          }
          const seen = (await pager.readAll()).map(({ id }) => id).filter((id) => stable.has(id));
          const sorted = (await mine.list(query)).map(({ id }) => id).filter((id) => stable.has(id));
          expect(seen).toEqual(sorted);
          if (query.order === 'newest') expect(new Set(pager.seen.map(({ id }) => id)).size).toBe(pager.seen.length);
        },
      ),
      { numRuns: 25 },
    );
  });
}
