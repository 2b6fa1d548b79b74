import type { Task, TaskQuery } from '../domain/task.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';

/** Lists every task of an owner that matches a query. */
export class ListTasks {
  constructor(private readonly tasks: TaskRepository) {}

  execute({ owner, query }: { owner: UserId; query: TaskQuery }): Promise<readonly Task[]> {
    return this.tasks.ownedBy(owner).list(query);
  }
}
