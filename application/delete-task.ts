import { TaskNotFound } from '../domain/domain-errors.ts';
import type { TaskRef } from '../domain/task.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';

/** Deletes a task for good. Neither of its ids is used again. */
export class DeleteTask {
  constructor(private readonly tasks: TaskRepository) {}

  /** @throws TaskNotFound */
  async execute({ owner, task }: { owner: UserId; task: TaskRef }): Promise<void> {
    const written = await this.tasks.ownedBy(owner).write({ kind: 'remove', task });
    if (written.outcome === 'absent') throw new TaskNotFound();
  }
}
