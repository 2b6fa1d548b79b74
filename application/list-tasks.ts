import type { TaskQuery } from '../domain/task.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskBatch, TaskRepository } from './ports/task-repository.ts';

/** Lists every task of an owner that matches a query, in batches. */
export class ListTasks {
  constructor(private readonly tasks: TaskRepository) {}

  execute({ owner, query }: { owner: UserId; query: TaskQuery }): AsyncIterable<TaskBatch> {
    return this.tasks.ownedBy(owner).list(query);
  }
}
