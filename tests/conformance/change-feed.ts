import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { OwnedTasks, TaskRepository } from '../../application/ports/task-repository.ts';
import { Description } from '../../domain/description.ts';
import type { Task } from '../../domain/task.ts';
import { toggled } from '../../domain/task-change.ts';
import { type Checkpoint, positionOf } from '../../domain/task-changes.ts';
import { actionsOn } from './actions.ts';
import { aNewTask, aUser } from './builders.ts';

/** A reader that only knows what the changes said. */
export class Follower {
  readonly tasks = new Map<string, Task>();
  checkpoint: Checkpoint | undefined;

  constructor(
    private readonly owned: OwnedTasks,
    private readonly limit: number,
  ) {}

  /** Reads once. @returns whether there is more */
  async read(): Promise<boolean> {
    const read = await this.owned.changes(this.checkpoint, this.limit);
    if (read === 'expired') throw new Error('the checkpoint expired');
    expect(read.changes.length).toBeLessThanOrEqual(this.limit);
    const positions = read.changes.map(positionOf);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    for (const changed of read.changes) {
      if ('task' in changed) this.tasks.set(changed.task.id, changed.task);
      else this.tasks.delete(changed.deleted.id);
    }
    this.checkpoint = read.next;
    return read.more;
  }

  async catchUp(): Promise<void> {
    while (await this.read());
  }

  get sorted(): readonly Task[] {
    return [...this.tasks.values()].sort((a, b) => b.number - a.number);
  }
}

/** Tests of the changes after a checkpoint. */
export function changeFeedTests(repository: () => TaskRepository): void {
  it('returns every task once, then each change once, and a deletion without the text', async () => {
    const owned = repository().ownedBy(aUser());
    const mine = actionsOn(owned);
    expect(await owned.changes(undefined, 10)).toEqual({ changes: [], next: undefined, more: false });
    const [first, second, third] = [await mine.add(aNewTask()), await mine.add(aNewTask()), await mine.add(aNewTask())];
    const walked = await owned.changes(undefined, 2);
    if (walked === 'expired') throw new Error(walked);
    expect(walked).toMatchObject({ changes: [{ task: first }, { task: second }], more: true });
    await mine.change({ id: first.id }, { completed: toggled });
    const changed = await mine.change({ id: first.id }, { completed: toggled });
    await mine.remove({ id: second.id });
    const rest = await owned.changes(walked.next, 10);
    if (rest === 'expired') throw new Error(rest);
    expect(rest.changes).toEqual([
      { task: third },
      { task: changed },
      { deleted: { id: second.id, number: second.number, position: 6 } },
    ]);
    expect(rest.more).toBe(false);
    const { next } = rest;
    expect(await owned.changes(next, 10)).toEqual({ changes: [], next, more: false });
    const fresh = await owned.changes(undefined, 10);
    expect(fresh).toMatchObject({ changes: [{ task: third }, { task: changed }], more: false });
  });

  it('expires checkpoints when the data of the user is erased', async () => {
    const owned = repository().ownedBy(aUser());
    const mine = actionsOn(owned);
    await mine.add(aNewTask());
    const read = await owned.changes(undefined, 10);
    if (read === 'expired') throw new Error(read);
    await mine.removeAll();
    expect(await owned.changes(read.next, 10)).toBe('expired');
    const added = await mine.add(aNewTask());
    expect(await owned.changes(read.next, 10)).toBe('expired');
    expect(await owned.changes(undefined, 10)).toMatchObject({ changes: [{ task: added }] });
  });

  it('expires checkpoints that are ahead of the store, as after a restore from a backup', async () => {
    const owned = repository().ownedBy(aUser());
    await actionsOn(owned).add(aNewTask());
    const read = await owned.changes(undefined, 10);
    if (read === 'expired' || read.next === undefined) throw new Error('nothing to read');
    expect(await owned.changes({ ...read.next, position: read.next.position + 1 }, 10)).toBe('expired');
    expect(await owned.changes(read.next, 10)).toMatchObject({ changes: [], more: false });
  });

  it('returns long descriptions whole, at least one at a time', async () => {
    const owned = repository().ownedBy(aUser());
    const mine = actionsOn(owned);
    for (let n = 0; n < 12; n += 1) await mine.add(aNewTask({ description: Description('🛒'.repeat(100_000)) }));
    const follower = new Follower(owned, 1_000);
    await follower.catchUp();
    expect(follower.sorted).toEqual(await mine.list({ order: 'newest' }));
  });

  it('leads to the same tasks, whatever happens meanwhile', async () => {
    const action = fc.record({
      kind: fc.constantFrom('add', 'add', 'toggle', 'remove', 'read', 'fresh', 'catch up'),
      task: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), async (actions, limit) => {
        const owned = repository().ownedBy(aUser());
        const mine = actionsOn(owned);
        let followers = [new Follower(owned, limit)];
        let ids: Task['id'][] = [];
        for (const { kind, task } of actions) {
          const id = ids[task % Math.max(ids.length, 1)];
          if (kind === 'add') ids.push((await mine.add(aNewTask())).id);
          if (kind === 'toggle' && id) await mine.change({ id }, { completed: toggled });
          if (kind === 'remove' && id) {
            await mine.remove({ id });
            ids = ids.filter((other) => other !== id);
          }
          if (kind === 'read') await Promise.all(followers.map((follower) => follower.read()));
          if (kind === 'catch up') await followers[0]!.catchUp();
          if (kind === 'fresh') followers = [...followers, new Follower(owned, limit)];
        }
        const tasks = await mine.list({ order: 'newest' });
        for (const follower of followers) {
          await follower.catchUp();
          expect(follower.sorted).toEqual(tasks);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('misses nothing while several writers are at work', async () => {
    const owned = repository().ownedBy(aUser());
    const mine = actionsOn(owned);
    const follower = new Follower(owned, 7);
    let working = true;
    const write = async () => {
      for (let n = 0; n < 25; n += 1) {
        const { id } = await mine.add(aNewTask());
        await mine.change({ id }, { completed: toggled });
        if (n % 3 === 0) await mine.remove({ id });
      }
    };
    const follow = async () => {
      while (working) await follower.read();
    };
    const following = follow();
    await Promise.all(Array.from({ length: 6 }, write)).finally(() => {
      working = false;
    });
    await following;
    await follower.catchUp();
    expect(follower.sorted).toEqual((await mine.list({ order: 'newest' })).toSorted((a, b) => b.number - a.number));
  });
}
