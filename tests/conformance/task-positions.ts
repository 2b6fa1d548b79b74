import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskPositions } from '../../application/ports/task-positions.ts';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import { UserId } from '../../domain/user-id.ts';
import { actionsOn } from './actions.ts';
import { aNewTask, aUser } from './builders.ts';
import { Cleanup, type OnCleanup } from './cleanup.ts';

/** A store of tasks, and the positions of the same store. */
export interface Store {
  readonly tasks: TaskRepository;
  readonly positions: TaskPositions;
}

/**
 * Defines the tests that every TaskPositions has to pass.
 *
 * @param open opens the store, once. It may pass functions to `onCleanup`; they run after the last test.
 */
export function itIsTaskPositions(name: string, open: (onCleanup: OnCleanup) => Promise<Store>): void {
  describe(`${name} as TaskPositions`, () => {
    let store: Store;
    const cleanup = new Cleanup();
    beforeAll(async () => {
      store = await open(cleanup.add);
    });
    afterAll(cleanup.run);
    const of = (user: UserId) => actionsOn(store.tasks.ownedBy(user));

    it('are those of the last writes, of the users in question alone', async () => {
      const [ann, bob, newcomer] = [aUser(), aUser(), aUser()];
      const task = await of(ann).add(aNewTask());
      await of(ann).add(aNewTask());
      await of(ann).remove({ id: task.id });
      await of(bob).add(aNewTask());
      expect(await store.positions.lastOf([ann, bob, newcomer])).toEqual(
        new Map([
          [ann, 3],
          [bob, 1],
        ]),
      );
      expect(await store.positions.lastOf([bob])).toEqual(new Map([[bob, 1]]));
      expect(await store.positions.lastOf([newcomer])).toEqual(new Map());
      expect(await store.positions.lastOf([])).toEqual(new Map());
    });

    it('begin again once the data of a user is erased', async () => {
      const ann = aUser();
      await of(ann).add(aNewTask());
      await of(ann).add(aNewTask());
      await of(ann).removeAll();
      expect(await store.positions.lastOf([ann])).toEqual(new Map());
      await of(ann).add(aNewTask());
      expect(await store.positions.lastOf([ann])).toEqual(new Map([[ann, 1]]));
    });

    it('contain every write that was acknowledged before, also while others write', async () => {
      const users = Array.from({ length: 20 }, () => aUser());
      const writing = users.map(async (user) => {
        for (let written = 1; written <= 5; written += 1) {
          await of(user).add(aNewTask());
          expect((await store.positions.lastOf(users)).get(user)).toBe(written);
        }
      });
      await Promise.all(writing);
    });

    it('can be asked for users of any name, and for thousands at once', async () => {
      const names = [
        `o'neil`,
        '{"a",\\b}',
        'null',
        'NULL',
        ' ',
        '🛒'.repeat(255),
        '\u0001\n\t',
        '[]',
        'a,b',
        'ſ',
        '$1',
      ];
      const users = names.map((name) => UserId(name));
      for (const user of users) await of(user).add(aNewTask());
      const strangers = Array.from({ length: 1_500 }, () => aUser());
      const positions = await store.positions.lastOf([...strangers, ...users]);
      expect(positions).toEqual(new Map(users.map((user) => [user, 1])));
    });
  });
}
