import { isDeepStrictEqual } from 'node:util';
import { meets } from '../../domain/revision.ts';
import type { Task } from '../../domain/task.ts';
import { applyChange, changesNothing } from '../../domain/task-change.ts';
import { TaskNumber } from '../../domain/task-number.ts';
import type { TaskWrite, Written } from '../../domain/task-write.ts';
import type { InMemoryStore } from './in-memory-store.ts';

/** How a kind of write is applied. */
export type Apply<Kind extends TaskWrite['kind']> = (store: InMemoryStore, write: TaskWrite<Kind>) => Written<Kind>;

export const WRITES: { readonly [Kind in TaskWrite['kind']]: Apply<Kind> } = {
  create(store, { id, details, once }) {
    const earlier = once && store.createdWith(once);
    if (earlier !== undefined) {
      const isSame = isDeepStrictEqual({ ...earlier, ...details }, earlier);
      return isSame ? { outcome: 'replayed', task: earlier } : { outcome: 'key reused' };
    }
    store.lastNumber += 1;
    const now = store.clock.now();
    store.startedAt ??= now;
    const task: Task = {
      ...details,
      owner: store.owner,
      id,
      number: TaskNumber(store.lastNumber),
      completed: false,
      createdAt: now,
      updatedAt: now,
      version: 1,
      position: store.nextPosition(),
    };
    store.tasks = [...store.tasks, task];
    if (once !== undefined) store.created.set(once, task);
    return { outcome: 'done', task };
  },

  change(store, { task: ref, change, if: precondition }) {
    const before = store.find(ref);
    if (before === undefined) return { outcome: 'absent' };
    if (!meets(before, precondition)) return { outcome: 'stale' };
    if (changesNothing(change)) return { outcome: 'done', task: before };
    const task = applyChange(before, change, store.clock.now(), store.nextPosition());
    store.tasks = store.tasks.map((other) => (other === before ? task : other));
    return { outcome: 'done', task };
  },

  remove(store, { task: ref, if: precondition }) {
    const removed = store.find(ref);
    if (removed === undefined) return { outcome: 'absent' };
    if (!meets(removed, precondition)) return { outcome: 'stale' };
    store.tasks = store.tasks.filter((task) => task !== removed);
    return { outcome: 'done', position: store.recordDeletion(removed) };
  },
};
