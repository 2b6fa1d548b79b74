import * as v from 'valibot';
import type { Task, TaskQuery, TaskRef } from '../../../domain/task.ts';
import { cleared, type TaskChange } from '../../../domain/task-change.ts';
import { TaskId } from '../../../domain/task-id.ts';
import { TaskNumber } from '../../../domain/task-number.ts';
import { CATEGORIES, ERRORS, type ErrorKind, type Failure } from '../errors/http-errors.ts';
import { type Contract, responseBody } from './contract.ts';
import { description, domain, fields, flag, type Schema, title } from './validation.ts';

/** A task's integer id: in a path, and in a body. */
export const integerId = {
  inPath: v.pipe(
    v.string(),
    v.metadata({ type: 'integer', minimum: 1, description: 'The id of the task', examples: [42] }),
    domain((text: string): TaskRef => ({ number: TaskNumber(/^\d+$/.test(text) ? Number(text) : Number.NaN) })),
  ),
  inBody: v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Counts within the user: 1, 2, 3 …')),
};

/** A task's UUID: in a path, and in a body. */
export const uuid = {
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
};

const instant = v.pipe(v.string(), v.isoTimestamp());
/** When a task was made, and when it was last changed. */
export const [createdAt, updatedAt] = [
  v.pipe(instant, v.description('When it was made, in UTC')),
  v.pipe(instant, v.description('When it was last changed, in UTC')),
];
export const userId = v.pipe(v.string(), v.description('Whose task it is: the `sub` of the token'));

/** What every contract shows of a task besides its id and its completion. */
export const taskEntries = {
  user_id: userId,
  title: v.string(),
  description: v.nullable(v.string()),
  created_at: createdAt,
  updated_at: updatedAt,
};

export function taskFields(task: Task): {
  [Field in keyof typeof taskEntries]: v.InferInput<(typeof taskEntries)[Field]>;
} {
  return {
    user_id: task.owner,
    title: task.title,
    description: task.description ?? null,
    created_at: task.createdAt,
    updated_at: task.updatedAt,
  };
}

/** The same once more in camel case, for frontends that read these. */
export const camelCaseEntries = { createdAt, updatedAt, userId };

export function camelCaseFields(task: Task) {
  return { createdAt: task.createdAt, updatedAt: task.updatedAt, userId: task.owner };
}

/** The longest texts that a contract takes, in code points. */
export interface Limits {
  readonly title: number;
  readonly description: number;
}

/** The body of a new task. */
export function newTask(limits: Limits): Contract['create'] {
  return v.pipe(
    fields({ title: title(limits.title), description: v.nullish(description(limits.description)) }),
    v.transform(({ title, description }) => ({ title, description: description ?? undefined })),
  );
}

/** A body of parts of a task: what is absent stays, a description of null goes, any other null counts as absent. */
export function partialUpdate(limits: Limits): Schema<TaskChange> {
  return v.pipe(
    fields({
      title: v.nullish(title(limits.title)),
      description: v.nullish(description(limits.description)),
      completed: v.nullish(flag()),
    }),
    v.description('What is absent stays as it is; null clears the description, and elsewhere counts as absent'),
    v.transform(
      ({ title, description, completed }): TaskChange => ({
        title: title ?? undefined,
        description: description === null ? cleared : description,
        completed: completed ?? undefined,
      }),
    ),
  );
}

/** A list without parameters: all tasks, newest first. */
export const wholeList = v.pipe(
  fields({}),
  v.transform((): TaskQuery => ({ order: 'newest' })),
);

/** How many there are. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A list that is an array and nothing else. */
export function arrayOf(task: Contract['task']): Contract['responses']['list'] {
  return responseBody(v.array(task.schema), (tasks: readonly Task[]) => tasks.map(task.of));
}

/** The stable name of an error, for programs. */
export const category = v.pipe(v.picklist(CATEGORIES), v.description('What went wrong, for programs'));
export const categoryOf = (kind: ErrorKind) => ERRORS[kind].category;
export const detail = v.pipe(v.string(), v.description('What went wrong and what to do, for people'));

/** An error as its category and its detail. */
export const categoryAndDetail = responseBody(v.object({ error: category, detail }), (failure: Failure) => ({
  error: categoryOf(failure.kind),
  detail: failure.detail,
}));
