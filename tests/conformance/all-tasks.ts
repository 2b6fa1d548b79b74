import { expect } from 'vitest';
import type { TaskBatch } from '../../application/ports/task-repository.ts';
import type { Task } from '../../domain/task.ts';

/** Reads a list to its end, and checks that its last batch, and no other, says so. */
export async function allTasks(list: AsyncIterable<TaskBatch>): Promise<readonly Task[]> {
  const batches: TaskBatch[] = [];
  for await (const batch of list) batches.push(batch);
  expect(batches.map(({ isLast }) => isLast)).toEqual(batches.map((_, index) => index === batches.length - 1));
  expect(batches).not.toEqual([]);
  return batches.flatMap(({ tasks }) => tasks);
}
