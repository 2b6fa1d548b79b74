import * as v from 'valibot';
import { TaskNotFound } from '../../../domain/domain-errors.ts';
import type { Task } from '../../../domain/task.ts';
import { ERROR_CODES, type ErrorCode, type Failure } from '../errors/error-table.ts';
import type { Contract } from './contract.ts';
import { detail } from './error-bodies.ts';
import { responseBody } from './http-response.ts';
import * as endpoints from './task-endpoints.ts';
import { uuid } from './task-id-kinds.ts';
import { taskList } from './task-list.ts';
import { newTask, taskBody, taskUpdate } from './task-schemas.ts';

const LIMITS = { title: 500, description: 5_000 };

const completion = responseBody(v.object({ is_completed: v.boolean() }), ({ completed }: Task) => ({
  is_completed: completed,
}));

const task = taskBody(uuid, completion);

const MESSAGES = {
  create: 'Task created successfully',
  read: 'Task retrieved successfully',
  update: 'Task updated successfully',
  toggle: 'Task completion toggled successfully',
};

const tasks: endpoints.TaskResource = {
  path: '/api/tasks',
  id: uuid,
  one: responseBody(v.object({ data: task.schema, message: v.string() }), (one, operation) => ({
    data: task.of(one),
    message: MESSAGES[operation],
  })),
  list: taskList(
    task,
    v.object({ data: v.array(task.schema), count: endpoints.count, message: v.string() }),
    (data, count) => ({ data, count, message: 'Tasks retrieved successfully' }),
  ),
};

const NOT_FOUND = 'TASK_NOT_FOUND';
const inCapitals = (code: ErrorCode) => (code === 'internal_error' ? 'INTERNAL_SERVER_ERROR' : code.toUpperCase());
const codeOf = ({ error, code }: Failure) => (error instanceof TaskNotFound ? NOT_FOUND : inCapitals(code));

const maxLengths = new Map(Object.entries(LIMITS));

export const backendApi002: Contract = {
  name: '002-backend-api',
  about: 'UUIDs, the user from the token alone, every response with its data and a message.',
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
  error: responseBody(
    v.object({
      error: v.object({
        code: v.picklist([...ERROR_CODES.map(inCapitals), NOT_FOUND]),
        message: detail,
        details: v.object({ field: v.optional(v.string()), max_length: v.optional(v.pipe(v.number(), v.integer())) }),
      }),
    }),
    (failure) => ({
      error: {
        code: codeOf(failure),
        message: failure.detail,
        details: { field: failure.field, max_length: maxLengths.get(failure.field ?? '') },
      },
    }),
  ),
};
