import * as v from 'valibot';
import type { SignedIn } from '../../../application/ports/accounts.ts';
import { changesBody, readChanges } from './change-endpoints.ts';
import type { Contract } from './contract.ts';
import { codeAndDetail } from './error-bodies.ts';
import { watchTasks } from './event-endpoints.ts';
import { responseBody } from './http-response.ts';
import { signInEndpoints, timestamp, token } from './sign-in-endpoints.ts';
import * as endpoints from './task-endpoints.ts';
import { uuid } from './task-id-kinds.ts';
import { completion, newTask, taskBody, taskUpdate } from './task-schemas.ts';

const LIMITS = { title: 500, description: 5_000 };

const task = taskBody(uuid, completion);

const tasks: endpoints.TaskResource = {
  path: '/api/:user_id/tasks',
  id: uuid,
  one: task,
  list: endpoints.arrayOf(task),
  changes: changesBody(task, uuid),
};

const account = v.object({ id: v.string(), email: v.string(), name: v.string(), created_at: timestamp });

const signIn = signInEndpoints({
  signUp: { path: '/auth/register', status: 201, takesName: true },
  signIn: { path: '/auth/login' },
  signedIn: responseBody(v.object({ user: account, token }), ({ account, token }: SignedIn) => ({
    user: { id: account.id, email: account.email, name: account.name, created_at: account.createdAt },
    token,
  })),
});

export const backendApi003: Contract = {
  name: '003-backend-api',
  about: 'UUIDs, the user in the path, PUT for the whole task and PATCH for parts of it.',
  path: tasks.path,
  endpoints: [
    endpoints.listTasks(tasks),
    endpoints.createTask(tasks, newTask(LIMITS)),
    readChanges(tasks),
    watchTasks(tasks),
    endpoints.readTask(tasks),
    endpoints.updateTask('PUT', tasks, taskUpdate('replace', LIMITS, { completed: true })),
    endpoints.updateTask('PATCH', tasks, taskUpdate('patch', LIMITS, { completed: true })),
    endpoints.deleteTask(tasks),
  ],
  signIn,
  task,
  error: codeAndDetail,
  statuses: { validation_error: 422 },
};
