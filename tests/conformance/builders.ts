import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import type { TaskDetails } from '../../domain/task.ts';
import { TaskId } from '../../domain/task-id.ts';
import { Title } from '../../domain/title.ts';
import { UserId } from '../../domain/user-id.ts';

/** What a new task consists of. */
export type NewTask = TaskDetails & { readonly id: TaskId };

/** A user who has no task yet. */
export function aUser(name = 'user'): UserId {
  return UserId(`${name}-${randomUUID()}`);
}

export function aNewTask(of: Partial<NewTask> = {}): NewTask {
  return { id: TaskId(v7()), title: Title('Buy groceries'), description: undefined, ...of };
}
