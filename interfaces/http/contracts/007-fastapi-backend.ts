import * as v from 'valibot';
import { changesNothing } from '../../../domain/task-change.ts';
import { changesBody, readChanges } from './change-endpoints.ts';
import type { Contract } from './contract.ts';
import { codeAndDetail } from './error-bodies.ts';
import { watchTasks } from './event-endpoints.ts';
import { responseBody } from './http-response.ts';
import { type ListFilter, sort } from './list-filter.ts';
import * as endpoints from './task-endpoints.ts';
import { integerId } from './task-id-kinds.ts';
import { taskList } from './task-list.ts';
import { completion, newTask, taskBody, taskUpdate } from './task-schemas.ts';
import { fields, oneOf, onlyFields } from './validation.ts';

/** The specification does not limit descriptions. */
const LIMITS = { title: 200 };

const task = taskBody(integerId, completion);

const tasks: endpoints.TaskResource = {
  path: '/api/:user_id/tasks',
  id: integerId,
  one: task,
  list: taskList(task, v.object({ tasks: v.array(task.schema), count: endpoints.count }), (tasks, count) => ({
    tasks,
    count,
  })),
  changes: changesBody(task, integerId),
};

const status = oneOf(['all', 'pending', 'completed']);

const query = v.pipe(
  fields({
    status: v.optional(v.pipe(status, v.description('The tasks to list; default: all'))),
    status_filter: v.optional(v.pipe(status, v.description('The same as `status`, which wins if both are given'))),
    sort,
  }),
  v.transform(({ status, status_filter = 'all', sort }): ListFilter => {
    const selected = status ?? status_filter;
    return {
      completed: selected === 'all' ? undefined : selected === 'completed',
      order: sort,
    };
  }),
);

const update = v.pipe(
  taskUpdate('fill', LIMITS, {
    object: onlyFields,
    metadata: { description: 'At least one field; null counts as absent', minProperties: 1 },
  }),
  v.check((change) => !changesNothing(change), 'At least one field (title or description) must be provided'),
);

export const fastapiBackend007: Contract = {
  name: '007-fastapi-backend',
  about: 'Integer ids, the user in the path, a list with its count that can be filtered and sorted.',
  path: tasks.path,
  endpoints: [
    endpoints.listTasks(tasks, query),
    endpoints.createTask(tasks, newTask(LIMITS)),
    readChanges(tasks),
    watchTasks(tasks),
    endpoints.readTask(tasks),
    endpoints.updateTask('PUT', tasks, update),
    endpoints.toggleTask(tasks, 'complete'),
    endpoints.deleteTask(
      tasks,
      responseBody(v.object({ message: v.string() }), () => ({ message: 'Task deleted' })),
    ),
  ],
  task,
  error: codeAndDetail,
};
