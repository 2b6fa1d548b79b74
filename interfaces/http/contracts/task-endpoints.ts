import * as v from 'valibot';
import type { UseCases } from '../../../application/use-cases.ts';
import type { Task, TaskDetails, TaskQuery, TaskRef } from '../../../domain/task.ts';
import type { TaskChange } from '../../../domain/task-change.ts';
import type { UserId } from '../../../domain/user-id.ts';
import type { Contract } from './contract.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { created, json, noContent, ok, type ResponseBody } from './http-response.ts';
import type { TaskIdKind } from './task-id-kinds.ts';
import { openList, type TaskList, taskList } from './task-list.ts';
import { EXAMPLE_TASK } from './task-schemas.ts';
import { fields, type Schema } from './validation.ts';

/** The tasks of a contract: their path, their kind of id, and their form in responses. */
export interface TaskResource {
  readonly path: Contract['path'];
  readonly id: TaskIdKind;
  readonly list: TaskList;
  /** One task, as the response to an operation. */
  readonly one: ResponseBody<[task: Task, operation: 'create' | 'read' | 'update' | 'toggle']>;
}

/** What a contract that adds a message to its responses says after each operation. */
export const MESSAGES = {
  list: 'Tasks retrieved successfully',
  create: 'Task created successfully',
  read: 'Task retrieved successfully',
  update: 'Task updated successfully',
  toggle: 'Task completion toggled successfully',
};

/** A list in the form of a plain array. */
export function arrayOf(task: ResponseBody<[task: Task]>): TaskList {
  return taskList(task, v.array(task.schema), (items) => items);
}

/** The number of tasks in a list. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const wholeList = v.pipe(
  fields({}),
  v.transform((): TaskQuery => ({ order: 'newest' })),
);

/** @param query absent: every task, newest first */
export function listTasks({ path, list }: TaskResource, query: Schema<TaskQuery> = wholeList): Endpoint {
  return endpoint({
    method: 'GET',
    path,
    input: { query },
    run: (useCases, owner, { query }) => openList(useCases.listTasks.execute({ owner, query })),
    responses: { 200: json('All matching tasks', list, [EXAMPLE_TASK]) },
    respond: (opened) => ok('whole' in opened ? list.of(opened.whole) : list.inPieces(opened.batches)),
    operationId: 'listTasks',
    summary: 'List tasks',
    description: 'Returns the whole list in one response. It is never truncated.',
  });
}

export function createTask({ path, one }: TaskResource, body: Schema<TaskDetails>): Endpoint {
  return endpoint({
    method: 'POST',
    path,
    input: { body },
    run: (useCases, owner, { body }) => useCases.createTask.execute({ owner, details: body }),
    responses: { 201: json('The new task', one, EXAMPLE_TASK, 'create') },
    respond: (task) => created(one.of(task, 'create')),
    operationId: 'createTask',
    summary: 'Create a task',
    description: 'Creates a pending task. The server sets its id and timestamps. Other fields are ignored.',
  });
}

export function readTask(tasks: TaskResource): Endpoint {
  return endpoint({
    method: 'GET',
    ...oneTask(tasks),
    run: (useCases, owner, { path }) => useCases.getTask.execute({ owner, task: path.id }),
    responses: { 200: json('The task', tasks.one, EXAMPLE_TASK, 'read') },
    respond: (task) => ok(tasks.one.of(task, 'read')),
    operationId: 'getTask',
    summary: 'Read a task',
    description: 'Returns one task by its id.',
  });
}

export function updateTask(method: 'PUT' | 'PATCH', tasks: TaskResource, body: Schema<TaskChange>): Endpoint {
  const { input, ...declared } = oneTask(tasks);
  return endpoint({
    method,
    ...declared,
    input: { ...input, body },
    run: (useCases, owner, { path, body }) => useCases.updateTask.execute({ owner, task: path.id, change: body }),
    responses: { 200: json('The updated task', tasks.one, EXAMPLE_TASK, 'update') },
    respond: (task) => ok(tasks.one.of(task, 'update')),
    operationId: method === 'PUT' ? 'updateTask' : 'patchTask',
    summary: method === 'PUT' ? 'Update a task' : 'Change parts of a task',
    description: 'Returns the task, even if no value changes.',
  });
}

/** A body that is read and ignored. */
const ignored = v.pipe(
  fields({}),
  v.transform(() => undefined),
);

/**
 * @param action the last part of the path
 * @param options.body the body that can set completion instead of flipping it; absent: a body is ignored
 */
export function toggleTask(
  tasks: TaskResource,
  action: string,
  { operationId = 'toggleTask', body = ignored }: { operationId?: string; body?: Schema<TaskChange | undefined> } = {},
): Endpoint {
  const { input, path, refusals } = oneTask(tasks);
  return endpoint({
    method: 'PATCH',
    path: `${path}/${action}`,
    refusals,
    input: { ...input, body },
    run: (useCases, owner, { path: { id: task }, body: change }) =>
      change ? useCases.updateTask.execute({ owner, task, change }) : useCases.toggleTask.execute({ owner, task }),
    responses: { 200: json('The updated task', tasks.one, EXAMPLE_TASK, 'toggle') },
    respond: (task) => ok(tasks.one.of(task, 'toggle')),
    operationId,
    summary: 'Complete a task, or reopen it',
    description: `Flips \`completed\`. No body is needed.${body === ignored ? '' : ' A body with `completed` sets it instead.'}`,
  });
}

/** @param message the body of the response; absent: 204 without a body */
export function deleteTask(tasks: TaskResource, message?: ResponseBody<[]>): Endpoint {
  const deletion = {
    method: 'DELETE',
    ...oneTask(tasks),
    run: (useCases: UseCases, owner: UserId, { path }: { readonly path: { readonly id: TaskRef } }) =>
      useCases.deleteTask.execute({ owner, task: path.id }),
    operationId: 'deleteTask',
    summary: 'Delete a task',
    description: 'Deletes the task permanently. Its id is never used again.',
  } as const;
  const description = 'The task is deleted';
  return message
    ? endpoint({ ...deletion, responses: { 200: json(description, message) }, respond: () => ok(message.of()) })
    : endpoint({ ...deletion, responses: { 204: { description } }, respond: noContent });
}

/** What the endpoints of one task have in common. */
function oneTask({ path, id }: TaskResource) {
  return { path: `${path}/:id`, input: { path: fields({ id: id.inPath }) }, refusals: ['TaskNotFound'] } as const;
}
