import * as v from 'valibot';
import type { Task } from '../../../domain/task.ts';
import { cleared, type TaskChange } from '../../../domain/task-change.ts';
import { type Contract, responseBody } from './contract.ts';
import * as wire from './task-schemas.ts';
import { description, fields, flag, title } from './validation.ts';

const limits = { title: 500, description: 5_000 };

const task = responseBody(
  v.object({ id: wire.uuid.inBody, ...wire.taskEntries, completed: v.boolean() }),
  (task: Task) => ({
    id: task.id,
    ...wire.taskFields(task),
    completed: task.completed,
  }),
);

export const backendApi003: Contract = {
  name: '003-backend-api',
  about: 'UUIDs, the user in the path, PUT for the whole task and PATCH for parts of it.',
  path: '/api/:user_id/tasks',
  id: wire.uuid.inPath,
  query: wire.wholeList,
  create: wire.newTask(limits),
  update: {
    PUT: v.pipe(
      fields({
        title: title(limits.title),
        description: v.nullish(description(limits.description)),
        completed: flag(),
      }),
      v.description('The whole task: without a description it has none'),
      v.transform(
        ({ title, description, completed }): TaskChange => ({ title, description: description ?? cleared, completed }),
      ),
    ),
    PATCH: v.pipe(
      fields({
        title: v.optional(title(limits.title)),
        description: v.optional(v.nullable(description(limits.description))),
        completed: v.optional(flag()),
      }),
      v.description('What is absent stays as it is; null clears the description'),
      v.transform(
        ({ description, ...rest }): TaskChange => ({
          ...rest,
          description: description === null ? cleared : description,
        }),
      ),
    ),
  },
  task,
  responses: {
    list: wire.arrayOf(task),
    one: task,
    error: wire.categoryAndDetail,
  },
  statuses: { validation_error: 422 },
};
