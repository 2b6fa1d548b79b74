import * as v from 'valibot';
import type { SignedIn } from '../../../application/ports/accounts.ts';
import type { Task } from '../../../domain/task.ts';
import type { TaskStatistics } from '../../../domain/task-statistics.ts';
import type { Failure } from '../errors/error-table.ts';
import { changesBody, readChanges } from './change-endpoints.ts';
import type { Contract } from './contract.ts';
import { endpoint } from './endpoint.ts';
import { detail, errorCode } from './error-bodies.ts';
import { watchTasks } from './event-endpoints.ts';
import { json, ok, responseBody } from './http-response.ts';
import { type ListFilter, sort } from './list-filter.ts';
import { signInEndpoints, token } from './sign-in-endpoints.ts';
import * as endpoints from './task-endpoints.ts';
import { integerId } from './task-id-kinds.ts';
import { completionAndCamelCase, EXAMPLE_TASK, newTask, taskBody, taskUpdate } from './task-schemas.ts';
import { fields, oneOf } from './validation.ts';

const LIMITS = { title: 200, description: 10_000 };

const task = taskBody(integerId, completionAndCamelCase);

const tasks: endpoints.TaskResource = {
  path: '/api/tasks',
  id: integerId,
  one: task,
  list: endpoints.arrayOf(task),
  changes: changesBody(task, integerId),
};

const query = v.pipe(
  fields({
    status: v.optional(v.pipe(oneOf(['completed', 'active']), v.description('The tasks to list; default: all'))),
    sort,
  }),
  v.transform(({ status, sort }): ListFilter => ({ completed: status && status === 'completed', order: sort })),
);

const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100), v.description('Percentage of completed tasks'));

const activity = responseBody(
  v.object({
    id: v.pipe(v.string(), v.description('The id of the task, as text')),
    title: v.string(),
    completed: v.boolean(),
    createdAt: v.pipe(v.string(), v.isoTimestamp()),
    type: v.literal('task'),
  }),
  ({ number, title, completed, createdAt }: Task) => ({
    id: String(number),
    title,
    completed,
    createdAt,
    type: 'task' as const,
  }),
);

const statistics = responseBody(
  v.object({
    totalTasks: endpoints.count,
    completedTasks: endpoints.count,
    pendingTasks: endpoints.count,
    completionRate: percent,
    recentActivity: v.pipe(v.array(activity.schema), v.description('The five tasks that changed last')),
  }),
  ({ total, completed, recent }: TaskStatistics) => ({
    totalTasks: total,
    completedTasks: completed,
    pendingTasks: total - completed,
    completionRate: total === 0 ? 0 : Math.round((100 * completed) / total),
    recentActivity: recent.map(activity.of),
  }),
);

const readStatistics = endpoint({
  method: 'GET',
  path: `${tasks.path}/stats`,
  input: {},
  run: (useCases, owner) => useCases.readStatistics.execute({ owner }),
  responses: { 200: json('The numbers of tasks', statistics, { total: 3, completed: 1, recent: [EXAMPLE_TASK] }) },
  respond: (numbers) => ok(statistics.of(numbers)),
  operationId: 'readStatistics',
  summary: 'Count tasks',
  description: 'Counts all, completed and pending tasks, and lists the five tasks that changed last.',
});

const account = v.object({ id: v.string(), email: v.string(), name: v.string() });

/** Its frontend goes back to the sign-in page on every 401, so a failure is a 200. */
const signIn = signInEndpoints({
  signUp: { path: '/api/auth/register', status: 200, takesName: true },
  signIn: { path: '/api/auth/login' },
  signedIn: responseBody(
    v.object({ success: v.literal(true), token, user: account }),
    ({ account: { id, email, name }, token }: SignedIn) => ({
      success: true as const,
      token,
      user: { id, email, name },
    }),
  ),
  failed: responseBody(v.object({ success: v.literal(false), error: detail }), (failure: Failure) => ({
    success: false as const,
    error: failure.detail,
  })),
});

export const backendIntegration1: Contract = {
  name: '1-backend-integration',
  about: 'Integer ids, the user from the token alone, fields in snake and camel case.',
  path: tasks.path,
  endpoints: [
    endpoints.listTasks(tasks, query),
    endpoints.createTask(tasks, newTask(LIMITS)),
    readStatistics,
    readChanges(tasks),
    watchTasks(tasks),
    endpoints.readTask(tasks),
    endpoints.updateTask('PUT', tasks, taskUpdate('merge', LIMITS, { completed: true })),
    endpoints.toggleTask(tasks, 'complete'),
    endpoints.toggleTask(tasks, 'toggle-complete', { operationId: 'toggleTaskToggleComplete' }),
    endpoints.deleteTask(tasks),
  ],
  signIn,
  task,
  error: responseBody(
    v.object({
      detail,
      status_code: v.pipe(v.number(), v.integer()),
      error_type: errorCode,
      message: v.pipe(v.string(), v.description('The same as `detail`')),
    }),
    ({ code, detail, status }) => ({ detail, status_code: status, error_type: code, message: detail }),
  ),
};
