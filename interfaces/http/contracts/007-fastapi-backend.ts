import * as v from 'valibot';
import { DESCRIPTION_MAX } from '../../../domain/description.ts';
import type { Task, TaskQuery } from '../../../domain/task.ts';
import { changesNothing, type TaskChange } from '../../../domain/task-change.ts';
import { type Contract, responseBody } from './contract.ts';
import * as wire from './task-schemas.ts';
import { description, fields, oneOf, onlyFields, title } from './validation.ts';

const limits = { title: 200, description: DESCRIPTION_MAX };

const status = oneOf(['all', 'pending', 'completed']);

const task = responseBody(
  v.object({ id: wire.integerId.inBody, ...wire.taskEntries, completed: v.boolean() }),
  (task: Task) => ({
    id: task.number,
    ...wire.taskFields(task),
    completed: task.completed,
  }),
);

export const fastapiBackend007: Contract = {
  name: '007-fastapi-backend',
  about: 'Integer ids, the user in the path, a list with its count that can be filtered and sorted.',
  path: '/api/:user_id/tasks',
  id: wire.integerId.inPath,
  query: v.pipe(
    fields({
      status: v.optional(v.pipe(status, v.description('Which tasks; all where absent'))),
      status_filter: v.optional(
        v.pipe(status, v.description('The same as `status`, which counts where both are given')),
      ),
      sort: v.optional(v.pipe(oneOf(['created', 'title']), v.description('Newest first, or A–Z')), 'created'),
    }),
    v.transform(({ status, status_filter = 'all', sort }): TaskQuery => {
      const wanted = status ?? status_filter;
      return {
        completed: wanted === 'all' ? undefined : wanted === 'completed',
        order: sort === 'title' ? 'title' : 'newest',
      };
    }),
  ),
  create: wire.newTask(limits),
  update: {
    PUT: v.pipe(
      onlyFields({ title: v.nullish(title(limits.title)), description: v.nullish(description(limits.description)) }),
      v.metadata({ description: 'At least one of the two; null counts as not given', minProperties: 1 }),
      v.transform(
        ({ title, description }): TaskChange => ({ title: title ?? undefined, description: description ?? undefined }),
      ),
      v.check((change) => !changesNothing(change), 'At least one field (title or description) must be provided'),
    ),
  },
  toggle: { paths: ['complete'] },
  task,
  responses: {
    list: responseBody(v.object({ tasks: v.array(task.schema), count: wire.count }), (tasks) => ({
      tasks: tasks.map(task.of),
      count: tasks.length,
    })),
    one: task,
    deleted: responseBody(v.object({ message: v.string() }), () => ({ message: 'Task deleted' })),
    error: wire.categoryAndDetail,
  },
};
