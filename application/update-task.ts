import { TaskNotFound } from '../domain/domain-errors.ts';
import type { Task, TaskRef } from '../domain/task.ts';
import type { TaskChange } from '../domain/task-change.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';

/** Changes the fields of a task that a change names. A change without fields returns the task as it is. */
export class UpdateTask {
  constructor(private readonly tasks: TaskRepository) {}

  /** @throws TaskNotFound */
  async execute({ owner, task, change }: { owner: UserId; task: TaskRef; change: TaskChange }): Promise<Task> {
    const written = await this.tasks.ownedBy(owner).write({ kind: 'change', task, change });
    if (written.outcome === 'absent') throw new TaskNotFound();
    return written.task;
  }
}
