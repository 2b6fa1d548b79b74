import type { Erased, OwnedTasks } from '../../application/ports/task-repository.ts';
import type { Task, TaskDetails, TaskQuery, TaskRef } from '../../domain/task.ts';
import type { TaskChange } from '../../domain/task-change.ts';
import type { TaskId } from '../../domain/task-id.ts';
import { allTasks } from './all-tasks.ts';

/** The tasks of one owner, with a method for each kind of write. */
export interface Actions {
  add(task: TaskDetails & { readonly id: TaskId }): Promise<Task>;
  find(task: TaskRef): Promise<Task | undefined>;
  list(query: TaskQuery): Promise<readonly Task[]>;
  /** `undefined` if the write found no task. */
  change(task: TaskRef, change: TaskChange): Promise<Task | undefined>;
  /** Whether the write found a task. */
  remove(task: TaskRef): Promise<boolean>;
  removeAll(): Promise<Erased>;
}

export function actionsOn(tasks: OwnedTasks): Actions {
  return {
    add: async ({ id, ...details }) => {
      const written = await tasks.write({ kind: 'create', id, details });
      if (written.outcome === 'key reused') throw new Error('a create without a key reused one');
      return written.task;
    },
    find: (task) => tasks.find(task),
    list: (query) => allTasks(tasks.list(query)),
    change: async (task, change) => {
      const written = await tasks.write({ kind: 'change', task, change });
      return written.outcome === 'done' ? written.task : undefined;
    },
    remove: async (task) => (await tasks.write({ kind: 'remove', task })).outcome === 'done',
    removeAll: () => tasks.removeAll(),
  };
}
