import type { TaskStatistics } from '../domain/task-statistics.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';

/** Counts an owner's tasks, and finds those that changed last. */
export class ReadStatistics {
  constructor(private readonly tasks: TaskRepository) {}

  execute({ owner }: { owner: UserId }): Promise<TaskStatistics> {
    return this.tasks.ownedBy(owner).statistics();
  }
}
