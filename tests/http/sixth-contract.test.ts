import * as v from 'valibot';
import { expect, it } from 'vitest';
import type { Task } from '../../domain/task.ts';
import { type Contract, responseBody } from '../../interfaces/http/contracts/contract.ts';
import { CONTRACTS } from '../../interfaces/http/contracts/contracts.ts';
import * as wire from '../../interfaces/http/contracts/task-schemas.ts';
import { startApp } from '../support/running-app.ts';

const limits = { title: 80, description: 400 };

const task = responseBody(v.object({ uuid: wire.uuid.inBody, name: v.string(), done: v.boolean() }), (task: Task) => ({
  uuid: task.id,
  name: task.title,
  done: task.completed,
}));

/** A contract that nobody published: terse, in words of its own, and with an error of one line. */
const sixth: Contract = {
  name: '006-terse',
  about: 'UUIDs, the user from the token alone, no more than three words for a task.',
  path: '/api/tasks',
  id: wire.uuid.inPath,
  query: wire.wholeList,
  create: wire.newTask(limits),
  update: { PUT: wire.partialUpdate(limits) },
  toggle: { paths: ['done', 'finish'] },
  task,
  responses: {
    list: responseBody(v.object({ items: v.array(task.schema) }), (tasks) => ({ items: tasks.map(task.of) })),
    one: task,
    error: responseBody(v.object({ problem: v.string() }), ({ detail }) => ({ problem: detail })),
  },
  statuses: { validation_error: 418 },
};

it('takes a sixth contract for one file of data and a line in the table', async () => {
  const app = await startApp({ contract: sixth.name, contracts: [...CONTRACTS, sixth] });
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
  await app.close();
});
