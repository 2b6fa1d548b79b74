import type { Task, TaskDetails } from '../domain/task.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskIds } from './ports/task-ids.ts';
import type { TaskRepository } from './ports/task-repository.ts';

/** Adds a pending task to its owner's list. */
export class CreateTask {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly ids: TaskIds,
  ) {}

  /** @throws Unauthenticated if the store knows its users and this one no longer exists */
  async execute({ owner, details }: { owner: UserId; details: TaskDetails }): Promise<Task> {
    const { task } = await this.tasks.ownedBy(owner).write({ kind: 'create', id: this.ids.next(), details });
    return task;
  }
}
