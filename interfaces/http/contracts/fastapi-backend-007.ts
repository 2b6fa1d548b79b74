import * as v from 'valibot';
import { DESCRIPTION_MAX } from '../../../domain/description.ts';
import type { Task, TaskQuery } from '../../../domain/task.ts';
import { changesNothing, type TaskChange } from '../../../domain/task-change.ts';
import type { Contract } from '../contract.ts';
import { ERRORS } from '../errors.ts';
import { description, fields, oneOf, onlyFields, title } from '../wire.ts';
import { integerId, taskFields } from './task-on-the-wire.ts';

const limits = { title: 200, description: DESCRIPTION_MAX };

const status = oneOf(['all', 'pending', 'completed']);

function task(task: Task) {
  return { id: task.number, ...taskFields(task), completed: task.completed };
}

/** Integer ids, the user in the path, a list with its count. */
export const fastapiBackend007: Contract = {
  name: '007-fastapi-backend',
  path: '/api/:user_id/tasks',
  limits,
  id: integerId,
  query: v.pipe(
    fields({
      status: v.optional(status),
      status_filter: v.optional(status),
      sort: v.optional(oneOf(['created', 'title']), 'created'),
    }),
    v.transform(({ status, status_filter = 'all', sort }): TaskQuery => {
      const wanted = status ?? status_filter;
      return {
        completed: wanted === 'all' ? undefined : wanted === 'completed',
        order: sort === 'created' ? 'newest' : 'title',
      };
    }),
  ),
  create: v.pipe(
    fields({ title: title(limits.title), description: v.nullish(description(limits.description)) }),
    v.transform(({ title, description }) => ({ title, description: description ?? undefined })),
  ),
  update: {
    PUT: v.pipe(
      onlyFields({ title: v.nullish(title(limits.title)), description: v.nullish(description(limits.description)) }),
      v.transform(
        ({ title, description }): TaskChange => ({ title: title ?? undefined, description: description ?? undefined }),
      ),
      v.check((change) => !changesNothing(change), 'At least one field (title or description) must be provided'),
    ),
  },
  toggle: { paths: ['complete'] },
  present: {
    list: (tasks) => ({ tasks: tasks.map(task), count: tasks.length }),
    task,
    deleted: () => ({ message: 'Task deleted' }),
    error: ({ kind, detail }) => ({ error: ERRORS[kind].category, detail }),
  },
};
