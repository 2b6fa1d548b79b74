import * as v from 'valibot';
import { changesBody, readChanges } from './change-endpoints.ts';
import type { Contract } from './contract.ts';
import { codeInCapitals } from './error-bodies.ts';
import { watchTasks } from './event-endpoints.ts';
import { responseBody } from './http-response.ts';
import * as endpoints from './task-endpoints.ts';
import { uuid } from './task-id-kinds.ts';
import { taskList } from './task-list.ts';
import { isCompleted, newTask, taskBody, taskUpdate } from './task-schemas.ts';

const LIMITS = { title: 500, description: 5_000 };

const task = taskBody(uuid, isCompleted);

const tasks: endpoints.TaskResource = {
  path: '/api/tasks',
  id: uuid,
  one: responseBody(v.object({ data: task.schema, message: v.string() }), (one, operation) => ({
    data: task.of(one),
    message: endpoints.MESSAGES[operation],
  })),
  list: taskList(
    task,
    v.object({ data: v.array(task.schema), count: endpoints.count, message: v.string() }),
    (data, count) => ({ data, count, message: endpoints.MESSAGES.list }),
  ),
  changes: changesBody(task, uuid, {
    schema: (data) => v.object({ data, message: v.string() }),
    of: (data) => ({ data, message: endpoints.MESSAGES.changes }),
  }),
};

export const backendApi002: Contract = {
  name: '002-backend-api',
  about: 'UUIDs, the user from the token alone, every response with its data and a message.',
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
  task,
  error: responseBody(v.object({ error: codeInCapitals.schema }), (failure) => ({ error: codeInCapitals.of(failure) })),
};
