import { Instant } from '../../domain/instant.ts';
import type { Task } from '../../domain/task.ts';
import { TaskNumber } from '../../domain/task-number.ts';
import { UserId } from '../../domain/user-id.ts';
import { aNewTask } from '../conformance/builders.ts';

export const NOON = Instant('2026-11-20T12:00:00.000000Z');
export const LATER = Instant('2026-11-20T12:00:01.000000Z');

export function aTask(of: Partial<Task> = {}): Task {
  return {
    owner: UserId('k3JdP0'),
    number: TaskNumber(1),
    completed: false,
    createdAt: NOON,
    updatedAt: NOON,
    version: 1,
    position: 1,
    ...aNewTask(),
    ...of,
  };
}
