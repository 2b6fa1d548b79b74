import type { Precondition } from '../domain/revision.ts';
import type { TaskRef } from '../domain/task.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';
import { requireWritten } from './require-written.ts';

interface Deletion {
  readonly owner: UserId;
  readonly task: TaskRef;
  readonly if?: Precondition | undefined;
}

/** Deletes a task for good. Neither of its ids is used again. */
export class DeleteTask {
  constructor(private readonly tasks: TaskRepository) {}

  /**
   * @returns the position of the deletion in the sequence of the owner's writes
   * @throws TaskNotFound, TaskChanged
   */
  async execute({ owner, ...deletion }: Deletion): Promise<number> {
    return requireWritten(await this.tasks.ownedBy(owner).write({ kind: 'remove', ...deletion })).position;
  }
}
