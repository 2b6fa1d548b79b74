import type { Precondition } from '../domain/revision.ts';
import type { Task, TaskRef } from '../domain/task.ts';
import { toggled } from '../domain/task-change.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';
import { requireWritten } from './require-written.ts';

interface Toggle {
  readonly owner: UserId;
  readonly task: TaskRef;
  readonly if?: Precondition | undefined;
}

/** Flips `completed`. */
export class ToggleTask {
  constructor(private readonly tasks: TaskRepository) {}

  /** @throws TaskNotFound, TaskChanged */
  async execute({ owner, ...toggle }: Toggle): Promise<Task> {
    const change = { completed: toggled } as const;
    return requireWritten(await this.tasks.ownedBy(owner).write({ kind: 'change', ...toggle, change })).task;
  }
}
