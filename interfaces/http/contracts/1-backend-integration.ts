import * as v from 'valibot';
import type { TaskQuery } from '../../../domain/task.ts';
import type { Contract } from './contract.ts';
import { detail, errorCode } from './error-bodies.ts';
import { responseBody } from './http-response.ts';
import * as endpoints from './task-endpoints.ts';
import { integerId } from './task-id-kinds.ts';
import { completionAndCamelCase, newTask, taskBody, taskUpdate } from './task-schemas.ts';
import { fields, oneOf } from './validation.ts';

const LIMITS = { title: 200, description: 10_000 };

const task = taskBody(integerId, completionAndCamelCase);

const tasks: endpoints.TaskResource = { path: '/api/tasks', id: integerId, one: task, list: endpoints.arrayOf(task) };

const query = v.pipe(
  fields({
    status: v.optional(v.pipe(oneOf(['completed', 'active']), v.description('The tasks to list; default: all'))),
  }),
  v.transform(({ status }): TaskQuery => ({ completed: status && status === 'completed', order: 'newest' })),
);

export const backendIntegration1: Contract = {
  name: '1-backend-integration',
  about: 'Integer ids, the user from the token alone, fields in snake and camel case.',
  path: tasks.path,
  endpoints: [
    endpoints.listTasks(tasks, query),
    endpoints.createTask(tasks, newTask(LIMITS)),
    endpoints.readTask(tasks),
    endpoints.updateTask('PUT', tasks, taskUpdate('merge', LIMITS, { completed: true })),
    endpoints.toggleTask(tasks, 'complete'),
    endpoints.toggleTask(tasks, 'toggle-complete', { operationId: 'toggleTaskToggleComplete' }),
    endpoints.deleteTask(tasks),
  ],
  task,
  error: responseBody(
    v.object({
      detail,
      status_code: v.pipe(v.number(), v.integer()),
      error_type: errorCode,
      message: v.pipe(v.string(), v.description('The same as `detail`')),
    }),
    ({ code, detail, status }) => ({ detail, status_code: status, error_type: code, message: detail }),
  ),
};
