import type { OwnedTasks, TaskRepository } from '../../application/ports/task-repository.ts';

/** A repository that does the same whatever it is asked. */
export function failingTasks(fail: () => never): TaskRepository {
  const owned: OwnedTasks = {
    find: fail,
    list: fail,
    page: fail,
    state: fail,
    changes: fail,
    statistics: fail,
    write: fail,
    removeAll: fail,
  };
  return { ownedBy: () => owned };
}
