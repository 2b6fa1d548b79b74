import type { TasksState } from '../domain/task-changes.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';

/** Reads which state an owner's tasks are in, without the tasks. */
export class ReadState {
  constructor(private readonly tasks: TaskRepository) {}

  /** @returns `undefined` if the owner has never had a task */
  execute({ owner }: { owner: UserId }): Promise<TasksState | undefined> {
    return this.tasks.ownedBy(owner).state();
  }
}
