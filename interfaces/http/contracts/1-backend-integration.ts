import * as v from 'valibot';
import type { Task, TaskQuery } from '../../../domain/task.ts';
import { type Contract, responseBody } from './contract.ts';
import * as wire from './task-schemas.ts';
import { fields, oneOf } from './validation.ts';

const limits = { title: 200, description: 10_000 };

const task = responseBody(
  v.object({ id: wire.integerId.inBody, ...wire.taskEntries, completed: v.boolean(), ...wire.camelCaseEntries }),
  (task: Task) => ({
    id: task.number,
    ...wire.taskFields(task),
    completed: task.completed,
    ...wire.camelCaseFields(task),
  }),
);

export const backendIntegration1: Contract = {
  name: '1-backend-integration',
  about: 'Integer ids, the user from the token alone, fields in snake and camel case.',
  path: '/api/tasks',
  id: wire.integerId.inPath,
  query: v.pipe(
    fields({
      status: v.optional(v.pipe(oneOf(['completed', 'active']), v.description('Which tasks; all where absent'))),
    }),
    v.transform(({ status }): TaskQuery => ({ completed: status && status === 'completed', order: 'newest' })),
  ),
  create: wire.newTask(limits),
  update: { PUT: wire.partialUpdate(limits) },
  toggle: { paths: ['complete', 'toggle-complete'] },
  task,
  responses: {
    list: wire.arrayOf(task),
    one: task,
    error: responseBody(
      v.object({
        detail: wire.detail,
        status_code: v.pipe(v.number(), v.integer()),
        error_type: wire.category,
        message: v.pipe(v.string(), v.description('The same as `detail`')),
      }),
      ({ kind, detail, status }) => ({
        detail,
        status_code: status,
        error_type: wire.categoryOf(kind),
        message: detail,
      }),
    ),
  },
};
