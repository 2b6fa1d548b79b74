import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { Instant } from '../../domain/instant.ts';
import type { Task, TaskDetails } from '../../domain/task.ts';
import { TaskId } from '../../domain/task-id.ts';
import { TaskNumber } from '../../domain/task-number.ts';
import { Title } from '../../domain/title.ts';
import { UserId } from '../../domain/user-id.ts';

export const NOON = Instant('2026-11-20T12:00:00.000000Z');
export const LATER = Instant('2026-11-20T12:00:01.000000Z');

/** What a task is created of. */
export type NewTask = TaskDetails & { readonly id: TaskId };

/** Somebody who has no task yet. */
export function aUser(name = 'user'): UserId {
  return UserId(`${name}-${randomUUID()}`);
}

export function aNewTask(of: Partial<NewTask> = {}): NewTask {
  return { id: TaskId(v7()), title: Title('Buy groceries'), description: undefined, ...of };
}

export function aTask(of: Partial<Task> = {}): Task {
  return {
    owner: UserId('k3JdP0'),
    number: TaskNumber(1),
    completed: false,
    createdAt: NOON,
    updatedAt: NOON,
    version: 1,
    ...aNewTask(),
    ...of,
  };
}
