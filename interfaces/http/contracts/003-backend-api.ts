import type { Contract } from './contract.ts';
import { codeAndDetail } from './error-bodies.ts';
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
};

export const backendApi003: Contract = {
  name: '003-backend-api',
  about: 'UUIDs, the user in the path, PUT for the whole task and PATCH for parts of it.',
  path: tasks.path,
  endpoints: [
    endpoints.listTasks(tasks),
    endpoints.createTask(tasks, newTask(LIMITS)),
    endpoints.readTask(tasks),
    endpoints.updateTask('PUT', tasks, taskUpdate('replace', LIMITS, { completed: true })),
    endpoints.updateTask('PATCH', tasks, taskUpdate('patch', LIMITS, { completed: true })),
    endpoints.deleteTask(tasks),
  ],
  task,
  error: codeAndDetail,
  statuses: { validation_error: 422 },
};
