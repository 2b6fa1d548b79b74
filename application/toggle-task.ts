import { TaskNotFound } from '../domain/errors.ts';
import type { Task, TaskRef } from '../domain/task.ts';
import { toggled } from '../domain/task-change.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';

export class ToggleTask {
  constructor(private readonly tasks: TaskRepository) {}

  /** @throws TaskNotFound */
  async execute({ owner, task }: { owner: UserId; task: TaskRef }): Promise<Task> {
    const flipped = await this.tasks.ownedBy(owner).change(task, { completed: toggled });
    if (flipped === undefined) throw new TaskNotFound();
    return flipped;
  }
}
