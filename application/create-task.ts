import { IdempotencyKeyReused } from '../domain/domain-errors.ts';
import type { IdempotencyKey } from '../domain/idempotency-key.ts';
import type { Task, TaskDetails } from '../domain/task.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskIds } from './ports/task-ids.ts';
import type { TaskRepository } from './ports/task-repository.ts';

interface NewTask {
  readonly owner: UserId;
  readonly details: TaskDetails;
  /** Makes repeating the request safe for 24 hours. */
  readonly once?: IdempotencyKey | undefined;
}

/** A task as it was created. */
export interface CreatedTask {
  readonly task: Task;
  /** Whether an earlier request with the same key created it. */
  readonly replayed: boolean;
}

/** Adds a pending task to its owner's list. */
export class CreateTask {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly ids: TaskIds,
  ) {}

  /**
   * @throws IdempotencyKeyReused if the key belongs to a task with other details
   * @throws Unauthenticated if the store knows its users and this one no longer exists
   */
  async execute({ owner, details, once }: NewTask): Promise<CreatedTask> {
    const written = await this.tasks.ownedBy(owner).write({ kind: 'create', id: this.ids.next(), details, once });
    if (written.outcome === 'key reused') throw new IdempotencyKeyReused();
    return { task: written.task, replayed: written.outcome === 'replayed' };
  }
}
