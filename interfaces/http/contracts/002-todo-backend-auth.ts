import * as v from 'valibot';
import type { Task } from '../../../domain/task.ts';
import { type Contract, responseBody } from './contract.ts';
import * as wire from './task-schemas.ts';
import { fields, flag } from './validation.ts';

const limits = { title: 200, description: 1_000 };

const task = responseBody(
  v.object({ id: wire.uuid.inBody, ...wire.taskEntries, completed: v.boolean(), ...wire.camelCaseEntries }),
  (task: Task) => ({ id: task.id, ...wire.taskFields(task), completed: task.completed, ...wire.camelCaseFields(task) }),
);

export const todoBackendAuth002: Contract = {
  name: '002-todo-backend-auth',
  about: 'UUIDs, the user in the path, fields in snake and camel case, a toggle that can also set.',
  path: '/api/:user_id/tasks',
  id: wire.uuid.inPath,
  query: wire.wholeList,
  create: wire.newTask(limits),
  update: { PUT: wire.partialUpdate(limits) },
  toggle: {
    paths: ['complete'],
    body: v.pipe(
      fields({ completed: v.nullish(flag()) }),
      v.description('Sets completion instead of toggling it'),
      v.transform(({ completed }) => (typeof completed === 'boolean' ? { completed } : undefined)),
    ),
  },
  task,
  responses: {
    list: wire.arrayOf(task),
    one: task,
    error: responseBody(
      v.object({ detail: wire.detail, error_code: wire.category, timestamp: v.pipe(v.string(), v.isoTimestamp()) }),
      ({ kind, detail }, at) => ({ detail, error_code: wire.categoryOf(kind), timestamp: at }),
    ),
  },
  statuses: { validation_error: 422 },
};
