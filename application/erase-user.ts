import type { UserId } from '../domain/user-id.ts';
import type { Erased, TaskRepository } from './ports/task-repository.ts';

/** Deletes all tasks of a user, and their last task number. */
export class EraseUser {
  constructor(private readonly tasks: TaskRepository) {}

  /** Returns what was deleted. */
  execute({ owner }: { owner: UserId }): Promise<Erased> {
    return this.tasks.ownedBy(owner).removeAll();
  }
}
