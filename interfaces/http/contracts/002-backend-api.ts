import * as v from 'valibot';
import type { Task } from '../../../domain/task.ts';
import { cleared, type TaskChange } from '../../../domain/task-change.ts';
import { CATEGORIES, ERRORS, type ErrorKind } from '../errors/http-errors.ts';
import { type Contract, responseBody } from './contract.ts';
import * as wire from './task-schemas.ts';
import { description, fields, title } from './validation.ts';

const limits = { title: 500, description: 5_000 };

const task = responseBody(
  v.object({ id: wire.uuid.inBody, ...wire.taskEntries, is_completed: v.boolean() }),
  (task: Task) => ({
    id: task.id,
    ...wire.taskFields(task),
    is_completed: task.completed,
  }),
);

const MESSAGES = {
  create: 'Task created successfully',
  read: 'Task retrieved successfully',
  update: 'Task updated successfully',
  toggle: 'Task completion toggled successfully',
};

const INTERNAL = 'INTERNAL_SERVER_ERROR';
const inCapitals = (category: string) => (category === 'internal_error' ? INTERNAL : category.toUpperCase());
const codeOf = (kind: ErrorKind) => (kind === 'task_not_found' ? 'TASK_NOT_FOUND' : inCapitals(ERRORS[kind].category));

/** The field at fault, and its limit where it has one. */
function detailsOf(field: string | undefined) {
  if (field === undefined) return {};
  return field === 'title' || field === 'description' ? { field, max_length: limits[field] } : { field };
}

export const backendApi002: Contract = {
  name: '002-backend-api',
  about: 'UUIDs, the user from the token alone, every answer with its data and a message.',
  path: '/api/tasks',
  id: wire.uuid.inPath,
  query: wire.wholeList,
  create: wire.newTask(limits),
  update: {
    PUT: v.pipe(
      fields({ title: title(limits.title), description: v.nullish(description(limits.description)) }),
      v.description('Title and description; without a description it has none. Completion stays as it is'),
      v.transform(({ title, description }): TaskChange => ({ title, description: description ?? cleared })),
    ),
  },
  toggle: { paths: ['toggle'] },
  task,
  responses: {
    list: responseBody(v.object({ data: v.array(task.schema), count: wire.count, message: v.string() }), (tasks) => ({
      data: tasks.map(task.of),
      count: tasks.length,
      message: 'Tasks retrieved successfully',
    })),
    one: responseBody(v.object({ data: task.schema, message: v.string() }), (one: Task, from) => ({
      data: task.of(one),
      message: MESSAGES[from],
    })),
    error: responseBody(
      v.object({
        error: v.object({
          code: v.picklist([...CATEGORIES.map(inCapitals), 'TASK_NOT_FOUND']),
          message: wire.detail,
          details: v.object({ field: v.optional(v.string()), max_length: v.optional(v.pipe(v.number(), v.integer())) }),
        }),
      }),
      ({ kind, detail, field }) => ({ error: { code: codeOf(kind), message: detail, details: detailsOf(field) } }),
    ),
  },
};
