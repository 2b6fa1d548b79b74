import { once } from 'node:events';
import { get } from 'node:http';
import { Readable } from 'node:stream';
import * as v from 'valibot';
import { describe, expect } from 'vitest';
import type { Task } from '../../domain/task.ts';
import { changesBody } from '../../interfaces/http/contracts/change-endpoints.ts';
import type { Contract } from '../../interfaces/http/contracts/contract.ts';
import { CONTRACTS } from '../../interfaces/http/contracts/contracts.ts';
import { endpoint, publicEndpoint } from '../../interfaces/http/contracts/endpoint.ts';
import { created, json, ok, responseBody } from '../../interfaces/http/contracts/http-response.ts';
import {
  count,
  createTask,
  deleteTask,
  listTasks,
  readTask,
  type TaskResource,
  toggleTask,
  updateTask,
} from '../../interfaces/http/contracts/task-endpoints.ts';
import { uuid } from '../../interfaces/http/contracts/task-id-kinds.ts';
import { taskList } from '../../interfaces/http/contracts/task-list.ts';
import { newTask, taskUpdate } from '../../interfaces/http/contracts/task-schemas.ts';
import { fields, text } from '../../interfaces/http/contracts/validation.ts';
import { allTasks } from '../conformance/all-tasks.ts';
import { itWithApp } from '../support/app-fixtures.ts';
import { documented } from '../support/documented.ts';
import { tokenFor } from '../support/running-app.ts';

const LIMITS = { title: 80, description: 400 };

const task = responseBody(v.object({ uuid: uuid.inBody, name: v.string(), done: v.boolean() }), (task: Task) => ({
  uuid: task.id,
  name: task.title,
  done: task.completed,
}));

const tasks: TaskResource = {
  path: '/api/tasks',
  id: uuid,
  one: task,
  list: taskList(task, v.object({ items: v.array(task.schema) }), (items) => ({ items })),
  changes: changesBody(task, uuid),
};

/** An endpoint that no other contract has, and a success that no other endpoint has. */
const statistics = responseBody(v.object({ total: count, done: count }), (total: number, done: number) => ({
  total,
  done,
}));
const readStatistics = endpoint({
  method: 'GET',
  path: '/api/tasks/stats',
  input: {},
  run: (useCases, owner) => allTasks(useCases.listTasks.execute({ owner, query: { order: 'newest' } })),
  responses: { 200: json('The numbers of tasks', statistics, 3, 1) },
  respond: (tasks) => ok(statistics.of(tasks.length, tasks.filter(({ completed }) => completed).length)),
  operationId: 'readStatistics',
  summary: 'Count tasks',
  description: 'All tasks and the done ones.',
});

/** An endpoint that needs no token. */
const account = responseBody(v.object({ email: v.string() }), (email: string) => ({ email }));
const signUp = publicEndpoint({
  method: 'POST',
  path: '/api/accounts',
  input: { body: fields({ email: v.pipe(text(), v.includes('@', 'email must contain an @')) }) },
  run: async (_useCases, { body }) => body.email.toLowerCase(),
  responses: { 201: json('The new account', account, 'ann@example.com') },
  respond: (email) => created(account.of(email)),
  operationId: 'signUp',
  summary: 'Sign up',
  description: 'Creates an account.',
});

/** What became of the streams: `end` when read to the end, `close` when released. */
const fate: string[] = [];
function* rows(length: number) {
  for (let row = 1; row <= length; row += 1) yield Buffer.from(`${row},${'x'.repeat(1_000)}\n`);
}

/** An endpoint whose response is a stream of Node or of the web. */
const exportTasks = endpoint({
  method: 'GET',
  path: '/api/tasks/export/:kind/:rows',
  input: {
    path: fields({ kind: v.picklist(['node', 'web']), rows: v.pipe(v.string(), v.transform(Number)) }),
  },
  run: async (_useCases, _owner, { path }) => path,
  responses: { 200: { description: 'The tasks as CSV', contentType: 'text/csv', example: '1,Buy groceries\n' } },
  respond: ({ kind, rows: length }) => {
    const stream = Readable.from(rows(length));
    for (const event of ['end', 'close']) stream.once(event, () => fate.push(event));
    const headers = { 'Content-Type': 'text/csv', 'Content-Disposition': 'attachment' };
    return ok(kind === 'node' ? stream : Readable.toWeb(stream), headers);
  },
  operationId: 'exportTasks',
  summary: 'Export tasks',
  description: 'Every task as CSV.',
});

/** A contract that nobody published: terse, with words of its own, an error of one line and endpoints of its own. */
const sixth: Contract = {
  name: '006-terse',
  about: 'UUIDs, the user from the token alone, no more than three words for a task.',
  path: tasks.path,
  endpoints: [
    listTasks(tasks),
    createTask(tasks, newTask(LIMITS)),
    readStatistics,
    exportTasks,
    signUp,
    readTask(tasks),
    updateTask('PUT', tasks, taskUpdate('merge', LIMITS, { completed: true })),
    toggleTask(tasks, 'done'),
    toggleTask(tasks, 'finish', { operationId: 'toggleTaskFinish' }),
    deleteTask(tasks),
  ],
  task,
  error: responseBody(v.object({ problem: v.string() }), ({ detail }) => ({ problem: detail })),
  statuses: { validation_error: 418 },
};

const it = itWithApp({ contract: sixth.name, contracts: [...CONTRACTS, sixth] });

it('adds a sixth contract with one file of data and a line in the table', async ({ app }) => {
  const send = app.as('ann');
  const { status, body } = await send('POST', '/api/tasks', { body: { title: 'Buy groceries' } });
  expect({ status, body }).toEqual({
    status: 201,
    body: { uuid: expect.any(String), name: 'Buy groceries', done: false },
  });
  expect((await send('PATCH', `/api/tasks/${body.uuid}/done`)).body.done).toBe(true);
  expect((await send('GET', '/contracts/006-terse/api/tasks')).body.items).toHaveLength(1);
  expect((await send('GET', '/contracts/003-backend-api/api/ann/tasks')).body[0]).toMatchObject({
    id: body.uuid,
    completed: true,
  });
  expect(await send('POST', '/api/tasks', { body: { title: '' } })).toMatchObject({
    status: 418,
    body: { problem: 'title must be 1 to 80 characters' },
  });
  const { info, paths } = (await app.send('GET', '/openapi.json')).body;
  expect(info.title).toContain('006-terse');
  expect(paths['/api/tasks/{id}/done'].patch.operationId).toBe('toggleTask');
  expect(paths['/api/tasks/{id}/finish'].patch.operationId).toBe('toggleTaskFinish');
});

describe('an endpoint that only one contract has', () => {
  it('runs a use case for the user of the token, and takes precedence over the route with an id', async ({ app }) => {
    const send = app.as('bob');
    for (const title of ['one', 'two']) await send('POST', '/api/tasks', { body: { title } });
    expect(await send('GET', '/api/tasks/stats')).toMatchObject({ status: 200, body: { total: 2, done: 0 } });
    expect((await app.send('GET', '/api/tasks/stats')).status).toBe(401);
    expect((await send('GET', '/contracts/002-backend-api/api/tasks/stats')).status).toBe(400);
    expect(app.logged.some((line) => JSON.parse(line).route === '/api/tasks/stats')).toBe(true);
  });

  it('needs no token if it is public, and reports invalid input like any other', async ({ app }) => {
    const post = (body: object) => app.send('POST', '/api/accounts', { body, headers: JSON_TYPE });
    expect(await post({ email: 'Ann@Example.com' })).toMatchObject({ status: 201, body: { email: 'ann@example.com' } });
    expect(await post({ email: 'ann' })).toMatchObject({ status: 418, body: { problem: 'email must contain an @' } });
    expect(await post({})).toMatchObject({ status: 418, body: { problem: 'email is required' } });
    expect((await app.send('POST', '/api/accounts', { body: '{', headers: JSON_TYPE })).status).toBe(400);
  });

  it('is documented with what it declares and what its input and access imply', async ({ app }) => {
    const { paths } = (await app.send('GET', '/openapi.json')).body;
    const statuses = (path: string, method: string) => Object.keys(paths[path][method].responses);
    expect(statuses('/api/tasks/stats', 'get')).toEqual(['200', '401', '429', '500', '503']);
    expect(statuses('/api/accounts', 'post')).toEqual(['201', '400', '413', '415', '418', '500', '503']);
    expect(statuses('/api/tasks/{id}', 'get')).toEqual(['200', '304', '400', '401', '404', '418', '429', '500', '503']);
    const { security, requestBody, responses } = paths['/api/accounts'].post;
    expect({ security, required: requestBody.required }).toEqual({ security: [], required: true });
    expect(responses[201].content['application/json'].examples.signUp.value).toEqual({ email: 'ann@example.com' });
    expect(responses[201].headers).not.toHaveProperty('RateLimit');
    expect(paths['/api/tasks/export/{kind}/{rows}'].get.responses[200].content).toEqual({
      'text/csv': { schema: { type: 'string' }, example: '1,Buy groceries\n' },
    });
    const check = await documented(app.send, '');
    check('GET', '/api/tasks/stats', await app.as('bob')('GET', '/api/tasks/stats'));
  });
});

describe.each(['node', 'web'])('a response with a %s stream', (kind) => {
  const path = (rows: number) => `/api/tasks/export/${kind}/${rows}`;

  it('arrives whole, with its headers and without a length', async ({ app }) => {
    const { status, headers, text } = await app.as('ann')('GET', path(5_000));
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/csv');
    expect(headers.get('content-disposition')).toBe('attachment');
    expect(headers.has('content-length')).toBe(false);
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(5_000);
    expect(lines.at(-1)).toBe(`5000,${'x'.repeat(1_000)}`);
  });

  it('is read no faster than the client reads, and released when the client leaves', async ({ app }) => {
    fate.length = 0;
    const request = get(`${app.url}${path(100_000)}`, { headers: { authorization: `Bearer ${tokenFor('ann')}` } });
    const [response] = await once(request, 'response');
    await once(response, 'readable');
    request.destroy();
    await expect.poll(() => fate).toEqual(['close']);
  });

  it('is released without being read for HEAD', async ({ app }) => {
    fate.length = 0;
    const { status, text } = await app.as('ann')('HEAD', path(100_000));
    expect({ status, text }).toEqual({ status: 200, text: '' });
    await expect.poll(() => fate).toEqual(['close']);
  });
});

const JSON_TYPE = { 'content-type': 'application/json' };
