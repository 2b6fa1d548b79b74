import type { UserId } from '../domain/user-id.ts';
import type { Erased, TaskRepository } from './ports/task-repository.ts';

export class EraseUser {
  constructor(private readonly tasks: TaskRepository) {}

  /** Gives what there was of the user, and is no more. */
  execute({ owner }: { owner: UserId }): Promise<Erased> {
    return this.tasks.ownedBy(owner).removeAll();
  }
}
