import * as v from 'valibot';
import { Instant } from '../../../domain/instant.ts';
import type { Task, TaskDetails } from '../../../domain/task.ts';
import { cleared, type TaskChange } from '../../../domain/task-change.ts';
import { TaskId } from '../../../domain/task-id.ts';
import { TaskNumber } from '../../../domain/task-number.ts';
import { UserId } from '../../../domain/user-id.ts';
import { type ResponseBody, responseBody } from './http-response.ts';
import { type Limits, ROWS } from './task-details.ts';
import type { TaskIdKind } from './task-id-kinds.ts';
import { fields, flag, type onlyFields, parse, type Schema } from './validation.ts';

/** How an update treats fields that are absent or null. */
export type UpdateRule = 'replace' | 'patch' | 'merge' | 'fill';

const MEANINGS: Readonly<Record<UpdateRule, string>> = {
  replace: 'Replaces all fields; an optional field that is absent or null is cleared',
  patch: 'An absent field stays as it is; null clears an optional field',
  merge: 'An absent field stays as it is; null clears an optional field and is ignored elsewhere',
  fill: 'A field that is absent or null stays as it is',
};

/** The values that clear an optional field. Any other rule for null and absent fields is in `entryOf`. */
const CLEARING: Readonly<Record<keyof Bodies, readonly unknown[]>> = {
  create: [],
  replace: [null, undefined],
  patch: [null],
  merge: [null],
  fill: [],
};

interface Bodies extends Record<UpdateRule, TaskChange> {
  readonly create: TaskDetails;
}

interface UpdateOptions {
  /** Whether the body can also set completion. */
  readonly completed?: boolean;
  /** `onlyFields` refuses unknown fields. */
  readonly object?: typeof fields | typeof onlyFields;
  /** More about the body, for the documentation. */
  readonly metadata?: { readonly description?: string; readonly minProperties?: number };
}

/** The body of a new task. */
export function newTask(limits: Limits): Schema<TaskDetails> {
  return bodyOf('create', limits, {});
}

/** The body of an update. The rule says what an absent or null field means. */
export function taskUpdate(rule: UpdateRule, limits: Limits, options: UpdateOptions = {}): Schema<TaskChange> {
  return bodyOf(rule, limits, { metadata: { description: MEANINGS[rule] }, ...options });
}

const COMPLETED = { field: 'completed', name: 'completed', optional: false, in: flag };

/**
 * Makes one entry of each row. The rows guarantee the type of each field; the compiler cannot follow computed keys, so
 * the first signature states the result.
 */
function bodyOf<Rule extends keyof Bodies>(rule: Rule, limits: Limits, options: UpdateOptions): Schema<Bodies[Rule]>;
function bodyOf(
  rule: keyof Bodies,
  limits: Partial<Record<string, number>>,
  { completed = false, object = fields, metadata = {} }: UpdateOptions,
): Schema<object> {
  const rows = completed ? [...ROWS, COMPLETED] : ROWS;
  const entries = rows.map((row) => [row.name, entryOf(rule, row.optional, row.in(limits[row.field]))]);
  return v.pipe(
    object(Object.fromEntries(entries)),
    v.metadata(metadata),
    v.transform((sent: Record<string, unknown>) => {
      const body: Record<string, unknown> = {};
      for (const { field, name, optional } of rows) {
        const value = sent[name];
        body[field] = optional && CLEARING[rule].includes(value) ? cleared : (value ?? undefined);
      }
      return body;
    }),
  );
}

/** Whether a field may be absent or null. */
function entryOf(rule: keyof Bodies, optional: boolean, value: v.GenericSchema): v.GenericSchema {
  if (optional || rule === 'merge' || rule === 'fill') return v.nullish(value);
  return rule === 'patch' ? v.optional(value) : value;
}

const completed = v.boolean();
const instant = v.pipe(v.string(), v.isoTimestamp());
const createdAt = v.pipe(instant, v.description('When it was created, in UTC'));
const updatedAt = v.pipe(instant, v.description('When it last changed, in UTC'));
const userId = v.pipe(v.string(), v.description('The owner of the task: the `sub` of the token'));

/** The fields of a task that not every contract shows. */
type MoreFields = ResponseBody<[task: Task], v.ObjectSchema<v.ObjectEntries, undefined>>;

/** Completion as most contracts show it. */
export const completion = responseBody(v.object({ completed }), ({ completed }: Task) => ({ completed }));

/** Completion under another name. */
export const isCompleted = responseBody(v.object({ is_completed: completed }), ({ completed }: Task) => ({
  is_completed: completed,
}));

/** Completion, and fields in camel case for frontends that read these names. */
export const completionAndCamelCase = responseBody(
  v.object({ completed, createdAt, updatedAt, userId }),
  ({ completed, createdAt, updatedAt, owner }: Task) => ({ completed, createdAt, updatedAt, userId: owner }),
);

/** A task in responses: its id, its owner, its details and timestamps, and the fields that the contract adds. */
export function taskBody(id: TaskIdKind, more: MoreFields): ResponseBody<[task: Task]> {
  const details = Object.fromEntries(ROWS.map(({ name, optional, out }) => [name, optional ? v.nullable(out) : out]));
  const entries: v.ObjectEntries = {
    id: id.inBody,
    user_id: userId,
    ...details,
    created_at: createdAt,
    updated_at: updatedAt,
    ...more.schema.entries,
  };
  return responseBody(v.object(entries), (task) => {
    const body: Record<string, unknown> = { id: id.of(task), user_id: task.owner };
    for (const { field, name } of ROWS) body[name] = task[field] ?? null;
    body.created_at = task.createdAt;
    body.updated_at = task.updatedAt;
    return Object.assign(body, more.of(task));
  });
}

const NOW = Instant('2026-11-20T17:00:00.123456Z');

/** The task in the examples of the documentation. */
export const EXAMPLE_TASK: Task = {
  ...parse(newTask({}), Object.fromEntries(ROWS.map(({ name, example }) => [name, example]))),
  owner: UserId('demo'),
  id: TaskId('0192f1a0-7b1c-7def-8abc-0123456789ab'),
  number: TaskNumber(42),
  completed: false,
  createdAt: NOW,
  updatedAt: NOW,
  version: 1,
  position: 42,
};
