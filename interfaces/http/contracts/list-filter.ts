import * as v from 'valibot';
import type { TaskQuery } from '../../../domain/task.ts';
import { fields, oneOf, type Schema } from './validation.ts';

/** Which tasks a list contains, and in which order. */
export type ListFilter = Pick<TaskQuery, 'completed' | 'order'>;

/** The parameter `sort`. */
export const sort = v.optional(
  v.pipe(
    oneOf(['created', 'title']),
    v.description('`created`: newest first; `title`: A–Z'),
    v.transform((word): TaskQuery['order'] => (word === 'title' ? 'title' : 'newest')),
  ),
  'created',
);

/** The filter of a contract that has no words of its own. */
export const listFilter: Schema<ListFilter> = v.pipe(
  fields({
    status: v.optional(
      v.pipe(
        oneOf(['all', 'pending', 'active', 'completed']),
        v.description('The tasks to list; `active` is the same as `pending`; default: all'),
      ),
      'all',
    ),
    sort,
  }),
  v.transform(({ status, sort }) => ({
    completed: status === 'all' ? undefined : status === 'completed',
    order: sort,
  })),
);
