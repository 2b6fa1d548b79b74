import * as v from 'valibot';
import type { Contract } from './contract.ts';
import { codeInCapitals } from './error-bodies.ts';
import { type ResponseBody, responseBody } from './http-response.ts';
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
};

const error = codeInCapitals(LIMITS);

export const todoWebApp001: Contract = {
  name: '001-todo-web-app',
  about: 'UUIDs, no `/api` in the path, every response with its data, a message and an error.',
  path: tasks.path,
  endpoints: [
    endpoints.listTasks(tasks),
    endpoints.createTask(tasks, newTask(LIMITS)),
    endpoints.readTask(tasks),
    endpoints.updateTask('PUT', tasks, taskUpdate('replace', LIMITS)),
    endpoints.toggleTask(tasks, 'toggle'),
    endpoints.deleteTask(tasks),
  ],
  task,
  error: responseBody(v.object({ data: v.null(), message: v.null(), error: error.schema }), (failure) => ({
    data: null,
    message: null,
    error: error.of(failure),
  })),
};
