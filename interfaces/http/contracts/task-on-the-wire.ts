import * as v from 'valibot';
import type { Task, TaskRef } from '../../../domain/task.ts';
import { TaskId } from '../../../domain/task-id.ts';
import { TaskNumber } from '../../../domain/task-number.ts';
import { domain } from '../wire.ts';

/** The integer id in a path, in decimal digits. */
export const integerId = v.pipe(
  v.string(),
  domain((text: string): TaskRef => ({ number: TaskNumber(/^\d+$/.test(text) ? Number(text) : Number.NaN) })),
);

/** The UUID in a path. */
export const uuid = v.pipe(
  v.string(),
  domain((text: string): TaskRef => ({ id: TaskId(text) })),
);

/** What every contract shows of a task besides its id and its completion. */
export function taskFields(task: Task) {
  return {
    user_id: task.owner,
    title: task.title,
    description: task.description ?? null,
    created_at: task.createdAt,
    updated_at: task.updatedAt,
  };
}
