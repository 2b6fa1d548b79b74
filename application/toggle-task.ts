import { TaskNotFound } from '../domain/domain-errors.ts';
import type { Task, TaskRef } from '../domain/task.ts';
import { toggled } from '../domain/task-change.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskRepository } from './ports/task-repository.ts';

/** Flips `completed`. */
export class ToggleTask {
  constructor(private readonly tasks: TaskRepository) {}

  /** @throws TaskNotFound */
  async execute({ owner, task }: { owner: UserId; task: TaskRef }): Promise<Task> {
    const written = await this.tasks.ownedBy(owner).write({ kind: 'change', task, change: { completed: toggled } });
    if (written.outcome === 'absent') throw new TaskNotFound();
    return written.task;
  }
}
