import * as v from 'valibot';
import { DESCRIPTION_MAX, Description } from '../../../domain/description.ts';
import { Instant } from '../../../domain/instant.ts';
import type { Task, TaskDetails } from '../../../domain/task.ts';
import type { TaskChange } from '../../../domain/task-change.ts';
import { TaskId } from '../../../domain/task-id.ts';
import { TaskNumber } from '../../../domain/task-number.ts';
import { TITLE_MAX, Title } from '../../../domain/title.ts';
import { UserId } from '../../../domain/user-id.ts';
import { type DetailSchemas, namesOf, optional, required, type UpdateRule } from './detail-schema.ts';
import { type ResponseBody, responseBody } from './http-response.ts';
import type { TaskIdKind } from './task-ids.ts';
import { domain, fields, flag, type onlyFields, parse, type Schema, text } from './validation.ts';

/**
 * The details of a task on the wire. Bodies of requests, tasks in responses and the example in the documentation derive
 * from it. A field's name on the wire is its name here in snake case.
 */
export const DETAILS: DetailSchemas<TaskDetails> = {
  title: required({
    in: (max = TITLE_MAX) =>
      v.pipe(
        text(),
        v.metadata({
          minLength: 1,
          maxLength: max,
          description: 'Trimmed; not empty after that',
          examples: ['Buy groceries'],
        }),
        domain((raw: string) => Title(raw, max)),
      ),
    out: v.string(),
    example: 'Buy groceries',
  }),
  description: optional({
    in: (max = DESCRIPTION_MAX) =>
      v.pipe(
        text(),
        v.metadata({ maxLength: max, examples: ['Milk, eggs'] }),
        domain((raw: string) => Description(raw, max)),
      ),
    out: v.string(),
    example: 'Milk, eggs',
  }),
};

/** The longest texts that a contract accepts, in code points. A field without one has the domain's limit. */
export type Limits = { readonly [Field in keyof TaskDetails]?: number };

const COMPLETED = required({ in: flag, out: v.boolean(), example: false });

const ROWS = namesOf(DETAILS).map((names) => ({ ...names, ...DETAILS[names.field] }));

/** The body of a new task. */
export function newTask(limits: Limits): Schema<TaskDetails> {
  return bodyOf('create', limits, {});
}

interface UpdateOptions {
  /** Whether the body can also set completion. */
  readonly completed?: boolean;
  /** `onlyFields` refuses unknown fields. */
  readonly object?: typeof fields | typeof onlyFields;
  /** More about the body, for the documentation. */
  readonly metadata?: { readonly description?: string; readonly minProperties?: number };
}

/** The body of an update. The rule says what an absent or null field means. */
export function taskUpdate(rule: UpdateRule, limits: Limits, options: UpdateOptions = {}): Schema<TaskChange> {
  return bodyOf(rule, limits, { metadata: { description: MEANINGS[rule] }, ...options });
}

const MEANINGS: Readonly<Record<UpdateRule, string>> = {
  replace: 'Replaces all fields; an optional field that is absent or null is cleared',
  patch: 'An absent field stays as it is; null clears an optional field',
  merge: 'An absent field stays as it is; null clears an optional field and is ignored elsewhere',
  fill: 'A field that is absent or null stays as it is',
};

interface Bodies extends Record<UpdateRule, TaskChange> {
  readonly create: TaskDetails;
}

/**
 * Makes one entry of each row. The rows guarantee the type of each field; the compiler cannot follow computed keys, so
 * the first signature states the result.
 */
function bodyOf<Rule extends keyof Bodies>(rule: Rule, limits: Limits, options: UpdateOptions): Schema<Bodies[Rule]>;
function bodyOf(
  rule: keyof Bodies,
  limits: Limits,
  { completed = false, object = fields, metadata = {} }: UpdateOptions,
): Schema<object> {
  const entries: Record<string, v.GenericSchema> = {};
  for (const row of ROWS) entries[row.name] = row.in[rule](limits[row.field]);
  if (completed) entries.completed = COMPLETED.in[rule]();
  return v.pipe(
    object(entries),
    v.metadata(metadata),
    v.transform((sent) => {
      const body: Record<string, unknown> = completed ? { completed: sent.completed } : {};
      for (const { field, name, absent } of ROWS) {
        body[field] = name in sent || rule !== 'replace' ? sent[name] : absent;
      }
      return body;
    }),
  );
}

const instant = v.pipe(v.string(), v.isoTimestamp());
const createdAt = v.pipe(instant, v.description('When it was created, in UTC'));
const updatedAt = v.pipe(instant, v.description('When it last changed, in UTC'));
const userId = v.pipe(v.string(), v.description('The owner of the task: the `sub` of the token'));

/**
 * A task in responses: its id, its owner, its details and timestamps, and what only this contract shows.
 *
 * @param entries the contract's own fields
 */
export function taskBody<const Entries extends v.ObjectEntries>(
  id: TaskIdKind,
  entries: Entries,
  present: (task: Task) => v.InferInput<v.ObjectSchema<Entries, undefined>>,
): ResponseBody<[task: Task]> {
  const details = Object.fromEntries(ROWS.map(({ name, out }) => [name, out]));
  const schema = { id: id.inBody, user_id: userId, ...details, created_at: createdAt, updated_at: updatedAt };
  return responseBody(v.object({ ...schema, ...entries }), (task) => {
    const body: Record<string, unknown> = { id: id.of(task), user_id: task.owner };
    for (const { field, name } of ROWS) body[name] = task[field] ?? null;
    body.created_at = task.createdAt;
    body.updated_at = task.updatedAt;
    return Object.assign(body, present(task));
  });
}

/** The same in camel case, for frontends that read these names. */
export const camelCaseEntries = { createdAt, updatedAt, userId };

export function presentInCamelCase(task: Task) {
  return { createdAt: task.createdAt, updatedAt: task.updatedAt, userId: task.owner };
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
};
