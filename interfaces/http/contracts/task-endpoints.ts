import * as v from 'valibot';
import type { UseCases } from '../../../application/use-cases.ts';
import type { Precondition } from '../../../domain/revision.ts';
import type { Task, TaskDetails, TaskRef } from '../../../domain/task.ts';
import type { TaskChange } from '../../../domain/task-change.ts';
import type { UserId } from '../../../domain/user-id.ts';
import type { ChangesBody } from './change-endpoints.ts';
import { etagOf, etagOfList, isKnown } from './conditional-headers.ts';
import type { Contract } from './contract.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { created, json, noContent, notModified, ok, type ResponseBody } from './http-response.ts';
import { REPLAYED } from './idempotency-header.ts';
import { cursorIn } from './list-cursor.ts';
import { type ListFilter, listFilter } from './list-filter.ts';
import { openListOrPage, pageHeaders } from './list-pages.ts';
import { listRequest } from './list-request.ts';
import { creationKey, expectedState, knownState, NOT_MODIFIED, WRITTEN, written } from './task-headers.ts';
import type { TaskIdKind } from './task-id-kinds.ts';
import { type TaskList, taskList } from './task-list.ts';
import { EXAMPLE_TASK } from './task-schemas.ts';
import { fields, type Schema } from './validation.ts';

/** The tasks of a contract: their path, their kind of id, and their form in responses. */
export interface TaskResource {
  readonly path: Contract['path'];
  readonly id: TaskIdKind;
  readonly list: TaskList;
  readonly changes: ChangesBody;
  /** One task, as the response to an operation. */
  readonly one: ResponseBody<[task: Task, operation: 'create' | 'read' | 'update' | 'toggle']>;
}

/** What a contract that adds a message to its responses says after each operation. */
export const MESSAGES = {
  list: 'Tasks retrieved successfully',
  changes: 'Changes retrieved successfully',
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

/** @param filter the words of the contract; absent: those of `listFilter` */
export function listTasks({ path, list }: TaskResource, filter: Schema<ListFilter> = listFilter): Endpoint {
  return endpoint({
    method: 'GET',
    path,
    input: { query: listRequest(filter), headers: knownState },
    run: async (useCases, owner, { query: request, headers: { known } }) => {
      const after = cursorIn(request, owner);
      if (known !== undefined) {
        const etag = etagOfList(owner, await useCases.readState.execute({ owner }));
        if (isKnown(etag, known)) return { etag };
      }
      const opened = await openListOrPage(useCases, owner, request, after);
      return { etag: etagOfList(owner, opened.state), opened };
    },
    responses: {
      200: { ...json('All matching tasks', list, [EXAMPLE_TASK]), headers: ['ETag', 'Link', 'X-Total-Count'] },
      304: NOT_MODIFIED,
    },
    respond: ({ etag, opened }) => {
      const headers = { ETag: etag };
      if (opened === undefined) return notModified(headers);
      const body = 'whole' in opened ? list.of(opened.whole) : list.inPieces(opened.batches);
      return ok(body, { ...headers, ...pageHeaders(opened) });
    },
    operationId: 'listTasks',
    summary: 'List tasks',
    description:
      'Returns the whole list in one response; it is never truncated. With `limit`, it returns a page, and a link to the next one while there are more tasks.',
  });
}

export function createTask({ path, one }: TaskResource, body: Schema<TaskDetails>): Endpoint {
  return endpoint({
    method: 'POST',
    path,
    input: { body, headers: creationKey },
    run: (useCases, owner, { body, headers }) => useCases.createTask.execute({ owner, details: body, ...headers }),
    responses: {
      201: { ...json('The new task', one, EXAMPLE_TASK, 'create'), headers: [...WRITTEN, 'Idempotency-Replayed'] },
    },
    refusals: ['IdempotencyKeyReused'],
    respond: ({ task, replayed }) =>
      created(one.of(task, 'create'), replayed ? { ...written(task), ...REPLAYED } : written(task)),
    operationId: 'createTask',
    summary: 'Create a task',
    description: 'Creates a pending task. The server sets its id and timestamps. Other fields are ignored.',
  });
}

export function readTask(tasks: TaskResource): Endpoint {
  const { input, ...declared } = oneTask(tasks);
  return endpoint({
    method: 'GET',
    ...declared,
    input: { ...input, headers: knownState },
    run: (useCases, owner, { path }) => useCases.getTask.execute({ owner, task: path.id }),
    responses: {
      200: { ...json('The task', tasks.one, EXAMPLE_TASK, 'read'), headers: ['ETag'] },
      304: NOT_MODIFIED,
    },
    respond: (task, { headers: { known } }) => {
      const headers = { ETag: etagOf(task) };
      return isKnown(headers.ETag, known) ? notModified(headers) : ok(tasks.one.of(task, 'read'), headers);
    },
    operationId: 'getTask',
    summary: 'Read a task',
    description: 'Returns one task by its id.',
  });
}

export function updateTask(method: 'PUT' | 'PATCH', tasks: TaskResource, body: Schema<TaskChange>): Endpoint {
  const { input, ...declared } = writtenTask(tasks);
  return endpoint({
    method,
    ...declared,
    input: { ...input, body },
    run: (useCases, owner, { path, body, headers }) =>
      useCases.updateTask.execute({ owner, task: path.id, change: body, ...headers }),
    responses: { 200: { ...json('The updated task', tasks.one, EXAMPLE_TASK, 'update'), headers: WRITTEN } },
    respond: (task) => ok(tasks.one.of(task, 'update'), written(task)),
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
  const { input, path, refusals } = writtenTask(tasks);
  return endpoint({
    method: 'PATCH',
    path: `${path}/${action}`,
    refusals,
    input: { ...input, body },
    run: (useCases, owner, { path: { id: task }, body: change, headers }) =>
      change
        ? useCases.updateTask.execute({ owner, task, change, ...headers })
        : useCases.toggleTask.execute({ owner, task, ...headers }),
    responses: { 200: { ...json('The updated task', tasks.one, EXAMPLE_TASK, 'toggle'), headers: WRITTEN } },
    respond: (task) => ok(tasks.one.of(task, 'toggle'), written(task)),
    operationId,
    summary: 'Complete a task, or reopen it',
    description: `Flips \`completed\`. No body is needed.${body === ignored ? '' : ' A body with `completed` sets it instead.'}`,
  });
}

/** @param message the body of the response; absent: 204 without a body */
export function deleteTask(tasks: TaskResource, message?: ResponseBody<[]>): Endpoint {
  const deletion = {
    method: 'DELETE',
    ...writtenTask(tasks),
    run: (useCases: UseCases, owner: UserId, { path, headers }: Target) =>
      useCases.deleteTask.execute({ owner, task: path.id, ...headers }),
    operationId: 'deleteTask',
    summary: 'Delete a task',
    description: 'Deletes the task permanently. Its id is never used again.',
  } as const;
  const declared = { description: 'The task is deleted', headers: ['X-Task-Position'] } as const;
  const headers = (position: number) => ({ 'X-Task-Position': String(position) });
  return message
    ? endpoint({
        ...deletion,
        responses: { 200: { ...json(declared.description, message), headers: declared.headers } },
        respond: (position) => ok(message.of(), headers(position)),
      })
    : endpoint({ ...deletion, responses: { 204: declared }, respond: (position) => noContent(headers(position)) });
}

/** What an endpoint that writes a task reads of a request. */
interface Target {
  readonly path: { readonly id: TaskRef };
  readonly headers: { readonly if?: Precondition | undefined };
}

/** What the endpoints of one task have in common. */
function oneTask({ path, id }: TaskResource) {
  return { path: `${path}/:id`, input: { path: fields({ id: id.inPath }) }, refusals: ['TaskNotFound'] } as const;
}

/** What the endpoints that write an existing task have in common. */
function writtenTask(tasks: TaskResource) {
  const { path, input } = oneTask(tasks);
  return { path, input: { ...input, headers: expectedState }, refusals: ['TaskNotFound', 'TaskChanged'] } as const;
}
