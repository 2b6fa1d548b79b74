import * as v from 'valibot';
import type { Task, TaskRef } from '../../../domain/task.ts';
import { TaskId } from '../../../domain/task-id.ts';
import { TaskNumber } from '../../../domain/task-number.ts';
import { domain, type Schema } from './validation.ts';

/** The id that identifies a task in a contract: one of its two. */
export interface TaskIdKind {
  readonly inPath: Schema<TaskRef>;
  readonly inBody: v.GenericSchema<string | number>;
  readonly of: (task: Pick<Task, 'id' | 'number'>) => string | number;
}

/** The number of a task, which counts within its owner. */
export const integerId: TaskIdKind = {
  inPath: v.pipe(
    v.string(),
    v.metadata({ type: 'integer', minimum: 1, description: 'The id of the task', examples: [42] }),
    domain((text: string): TaskRef => ({ number: TaskNumber(/^\d+$/.test(text) ? Number(text) : Number.NaN) })),
  ),
  inBody: v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Counts within the user: 1, 2, 3 …')),
  of: ({ number }) => number,
};

/** The UUID of a task. */
export const uuid: TaskIdKind = {
  inPath: v.pipe(
    v.string(),
    v.metadata({
      format: 'uuid',
      description: 'The id of the task',
      examples: ['0192f1a0-7b1c-7def-8abc-0123456789ab'],
    }),
    domain((text: string): TaskRef => ({ id: TaskId(text) })),
  ),
  inBody: v.pipe(v.string(), v.uuid()),
  of: ({ id }) => id,
};
