import * as v from 'valibot';
import type { SignedIn } from '../../../application/ports/accounts.ts';
import { changesBody, readChanges } from './change-endpoints.ts';
import type { Contract } from './contract.ts';
import { detail, errorCode } from './error-bodies.ts';
import { watchTasks } from './event-endpoints.ts';
import { responseBody } from './http-response.ts';
import { signInEndpoints, token } from './sign-in-endpoints.ts';
import * as endpoints from './task-endpoints.ts';
import { uuid } from './task-id-kinds.ts';
import { completionAndCamelCase, newTask, taskBody, taskUpdate } from './task-schemas.ts';
import { fields, flag } from './validation.ts';

const LIMITS = { title: 200, description: 1_000 };

const task = taskBody(uuid, completionAndCamelCase);

const tasks: endpoints.TaskResource = {
  path: '/api/:user_id/tasks',
  id: uuid,
  one: task,
  list: endpoints.arrayOf(task),
  changes: changesBody(task, uuid),
};

const toggleBody = v.pipe(
  fields({ completed: v.nullish(flag()) }),
  v.description('Sets `completed` instead of flipping it'),
  v.transform(({ completed }) => (typeof completed === 'boolean' ? { completed } : undefined)),
);

const signIn = signInEndpoints({
  signUp: { path: '/api/auth/signup', status: 200, takesName: false },
  signIn: { path: '/api/auth/login' },
  signedIn: responseBody(
    v.object({ user_id: v.string(), email: v.string(), access_token: token, token_type: v.literal('bearer') }),
    ({ account, token }: SignedIn) => ({
      user_id: account.id,
      email: account.email,
      access_token: token,
      token_type: 'bearer' as const,
    }),
  ),
});

export const todoBackendAuth002: Contract = {
  name: '002-todo-backend-auth',
  about: 'UUIDs, the user in the path, fields in snake and camel case, a toggle that can also set.',
  path: tasks.path,
  endpoints: [
    endpoints.listTasks(tasks),
    endpoints.createTask(tasks, newTask(LIMITS)),
    readChanges(tasks),
    watchTasks(tasks),
    endpoints.readTask(tasks),
    endpoints.updateTask('PUT', tasks, taskUpdate('merge', LIMITS, { completed: true })),
    endpoints.toggleTask(tasks, 'complete', { body: toggleBody }),
    endpoints.deleteTask(tasks),
  ],
  signIn,
  task,
  error: responseBody(
    v.object({ detail, error_code: errorCode, timestamp: v.pipe(v.string(), v.isoTimestamp()) }),
    ({ code, detail }, at) => ({ detail, error_code: code, timestamp: at }),
  ),
  statuses: { validation_error: 422 },
};
