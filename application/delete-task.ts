import { TaskNotFound } from '../domain/errors.ts';
import type { TaskRef } from '../domain/task.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';

export class DeleteTask {
  constructor(private readonly tasks: TaskRepository) {}

  /** @throws TaskNotFound */
  async execute({ owner, task }: { owner: UserId; task: TaskRef }): Promise<void> {
    if (!(await this.tasks.ownedBy(owner).remove(task))) throw new TaskNotFound();
  }
}
