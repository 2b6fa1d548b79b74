import { TaskNotFound } from '../domain/domain-errors.ts';
import type { Task, TaskRef } from '../domain/task.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';

/** Reads one task. */
export class GetTask {
  constructor(private readonly tasks: TaskRepository) {}

  /** @throws TaskNotFound */
  async execute({ owner, task }: { owner: UserId; task: TaskRef }): Promise<Task> {
    const found = await this.tasks.ownedBy(owner).find(task);
    if (found === undefined) throw new TaskNotFound();
    return found;
  }
}
