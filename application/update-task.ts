import type { Precondition } from '../domain/revision.ts';
import type { Task, TaskRef } from '../domain/task.ts';
import type { TaskChange } from '../domain/task-change.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';
import { requireWritten } from './require-written.ts';

interface Update {
  readonly owner: UserId;
  readonly task: TaskRef;
  readonly change: TaskChange;
  readonly if?: Precondition | undefined;
}

/** Changes the fields of a task that a change names. A change without fields returns the task as it is. */
export class UpdateTask {
  constructor(private readonly tasks: TaskRepository) {}

  /** @throws TaskNotFound, TaskChanged */
  async execute({ owner, ...update }: Update): Promise<Task> {
    return requireWritten(await this.tasks.ownedBy(owner).write({ kind: 'change', ...update })).task;
  }
}
