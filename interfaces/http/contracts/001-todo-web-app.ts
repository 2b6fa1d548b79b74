import * as v from 'valibot';
import type { SignedIn } from '../../../application/ports/accounts.ts';
import { changesBody, readChanges } from './change-endpoints.ts';
import type { Contract } from './contract.ts';
import { codeInCapitals } from './error-bodies.ts';
import { watchTasks } from './event-endpoints.ts';
import { type ResponseBody, responseBody } from './http-response.ts';
import { signInEndpoints, timestamp, token } from './sign-in-endpoints.ts';
import * as endpoints from './task-endpoints.ts';
import { uuid } from './task-id-kinds.ts';
import { taskList } from './task-list.ts';
import { isCompleted, newTask, taskBody, taskUpdate } from './task-schemas.ts';

const LIMITS = { title: 500, description: 5_000 };

const task = taskBody(uuid, isCompleted);

/** A success: its data and a message, without an error. */
function envelope<Data extends v.GenericSchema>(data: Data) {
  return v.object({ data, message: v.string(), error: v.null() });
}

const one: ResponseBody<Parameters<endpoints.TaskResource['one']['of']>> = responseBody(
  envelope(v.object({ task: task.schema })),
  (one, operation) => ({ data: { task: task.of(one) }, message: endpoints.MESSAGES[operation], error: null }),
);

const tasks: endpoints.TaskResource = {
  path: '/tasks',
  id: uuid,
  one,
  list: taskList(task, envelope(v.object({ tasks: v.array(task.schema), count: endpoints.count })), (tasks, count) => ({
    data: { tasks, count },
    message: endpoints.MESSAGES.list,
    error: null,
  })),
  changes: changesBody(task, uuid, {
    schema: envelope,
    of: (data) => ({ data, message: endpoints.MESSAGES.changes, error: null }),
  }),
};

const account = v.object({ id: v.string(), email: v.string(), created_at: timestamp, updated_at: timestamp });

const SIGN_IN_MESSAGES = { signUp: 'Signed up successfully', signIn: 'Signed in successfully' };

const signIn = signInEndpoints({
  signUp: { path: '/auth/signup', status: 201, takesName: false },
  signIn: { path: '/auth/signin' },
  signedIn: responseBody(
    envelope(v.object({ user: account, token })),
    ({ account, token }: SignedIn, operation: 'signUp' | 'signIn') => ({
      data: {
        user: {
          id: account.id,
          email: account.email,
          created_at: account.createdAt,
          updated_at: account.updatedAt,
        },
        token,
      },
      message: SIGN_IN_MESSAGES[operation],
      error: null,
    }),
  ),
});

export const todoWebApp001: Contract = {
  name: '001-todo-web-app',
  about: 'UUIDs, no `/api` in the path, every response with its data, a message and an error.',
  path: tasks.path,
  endpoints: [
    endpoints.listTasks(tasks),
    endpoints.createTask(tasks, newTask(LIMITS)),
    readChanges(tasks),
    watchTasks(tasks),
    endpoints.readTask(tasks),
    endpoints.updateTask('PUT', tasks, taskUpdate('replace', LIMITS)),
    endpoints.toggleTask(tasks, 'toggle'),
    endpoints.deleteTask(tasks),
  ],
  signIn,
  task,
  error: responseBody(v.object({ data: v.null(), message: v.null(), error: codeInCapitals.schema }), (failure) => ({
    data: null,
    message: null,
    error: codeInCapitals.of(failure),
  })),
};
