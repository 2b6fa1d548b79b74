import { CheckpointExpired } from '../domain/domain-errors.ts';
import type { Checkpoint, TaskChanges } from '../domain/task-changes.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';

interface Reading {
  readonly owner: UserId;
  /** Where the last reading ended. `undefined`: begin with every task. */
  readonly after: Checkpoint | undefined;
  /** The most changes to read. */
  readonly limit: number;
}

/** Reads what happened to an owner's tasks since the last reading. */
export class ReadChanges {
  constructor(private readonly tasks: TaskRepository) {}

  /** @throws CheckpointExpired */
  async execute({ owner, after, limit }: Reading): Promise<TaskChanges> {
    const read = await this.tasks.ownedBy(owner).changes(after, limit);
    if (read === 'expired') throw new CheckpointExpired();
    return read;
  }
}
