import { TaskNotFound } from '../domain/errors.ts';
import type { Task, TaskRef } from '../domain/task.ts';
import type { TaskChange } from '../domain/task-change.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';

export class UpdateTask {
  constructor(private readonly tasks: TaskRepository) {}

  /** @throws TaskNotFound */
  async execute({ owner, task, change }: { owner: UserId; task: TaskRef; change: TaskChange }): Promise<Task> {
    const updated = await this.tasks.ownedBy(owner).change(task, change);
    if (updated === undefined) throw new TaskNotFound();
    return updated;
  }
}
