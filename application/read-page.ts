import type { ListCursor } from '../domain/list-cursor.ts';
import type { TaskQuery } from '../domain/task.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskPage, TaskRepository } from './ports/task-repository.ts';

interface Reading {
  readonly owner: UserId;
  readonly query: TaskQuery;
  /** The most tasks to read. */
  readonly limit: number;
  /** Where the last page ended. `undefined`: begin. */
  readonly after: ListCursor | undefined;
}

/** Reads a page of the tasks of an owner that match a query. */
export class ReadPage {
  constructor(private readonly tasks: TaskRepository) {}

  execute({ owner, query, limit, after }: Reading): Promise<TaskPage> {
    return this.tasks.ownedBy(owner).page(query, limit, after);
  }
}
