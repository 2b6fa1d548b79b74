import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';
import { FRONTENDS, tasksPath } from '../support/frontends.ts';
import type { RequestOptions } from '../support/running-app.ts';

/** `createTask` gives the user one task: the path of the tasks and that of the task itself. */
const it = itWithApp().extend('createTask', ({ send, user }) => async (contract: string, userInPath: boolean) => {
  const tasks = `/contracts/${contract}/api/${userInPath ? `${user}/` : ''}tasks`;
  const { body } = await send('POST', tasks, { body: { title: 'Buy groceries', description: 'Milk' } });
  return { tasks, one: `${tasks}/${(body.data ?? body).id}` };
});

describe('003-backend-api', () => {
  it('replaces the task with PUT: a description that is absent or null is removed', async ({ send, createTask }) => {
    const { one } = await createTask('003-backend-api', true);
    expect((await send('PUT', one, { body: { title: 'x', description: 'y', completed: true } })).body).toMatchObject({
      title: 'x',
      description: 'y',
      completed: true,
    });
    for (const rest of [{}, { description: null }]) {
      await send('PUT', one, { body: { title: 'x', description: 'y', completed: true } });
      expect(await send('PUT', one, { body: { title: 'x', completed: false, ...rest } })).toMatchObject({
        status: 200,
        body: { title: 'x', description: null, completed: false },
      });
    }
  });

  it.for([
    [{ title: 'x' }, 'completed is required'],
    [{ completed: true }, 'title is required'],
    [{}, 'title is required; completed is required'],
    [{ title: null, completed: true }, 'title must be a string'],
    [{ title: 'x', completed: null }, 'completed must be true or false'],
    [{ title: 'x', completed: 'true' }, 'completed must be true or false'],
    [{ title: 'x', completed: 1 }, 'completed must be true or false'],
  ])('refuses the PUT %j with 422', async ([body, detail], { send, createTask }) => {
    const { one } = await createTask('003-backend-api', true);
    expect(await send('PUT', one, { body })).toMatchObject({
      status: 422,
      body: { error: 'validation_error', detail },
    });
  });

  it('changes the given fields with PATCH, and nothing with {}', async ({ send, createTask }) => {
    const { one } = await createTask('003-backend-api', true);
    const { body: before } = await send('GET', one);
    const { status, body: same } = await send('PATCH', one, { body: {} });
    expect({ status, body: same }).toEqual({ status: 200, body: before });
    expect((await send('PATCH', one, { body: { completed: true } })).body).toMatchObject({
      title: 'Buy groceries',
      description: 'Milk',
      completed: true,
    });
    expect((await send('PATCH', one, { body: { title: 'x' } })).body).toMatchObject({
      title: 'x',
      description: 'Milk',
      completed: true,
    });
    expect((await send('PATCH', one, { body: { description: null } })).body).toMatchObject({
      title: 'x',
      description: null,
    });
    expect((await send('PATCH', one, { body: { description: 'y', unknown: 1 } })).body.description).toBe('y');
  });

  it.for([
    [{ title: null }, 'title must be a string'],
    [{ completed: null }, 'completed must be true or false'],
    [{ completed: 'true' }, 'completed must be true or false'],
    [{ title: ' ' }, 'title must be 1 to 500 characters'],
    [{ description: 5 }, 'description must be a string'],
  ])('refuses the PATCH %j with 422', async ([body, detail], { send, createTask }) => {
    const { one } = await createTask('003-backend-api', true);
    expect(await send('PATCH', one, { body })).toMatchObject({
      status: 422,
      body: { error: 'validation_error', detail },
    });
  });

  it('answers a toggle with 404', async ({ send, createTask }) => {
    const { one } = await createTask('003-backend-api', true);
    expect((await send('PATCH', `${one}/complete`)).status).toBe(404);
  });
});

describe.each([
  ['002-todo-backend-auth', true, 422],
  ['1-backend-integration', false, 400],
] as const)('%s', (contract, userInPath, invalid) => {
  it.for([
    [{ title: 'x' }, { title: 'x', description: 'Milk', completed: false }],
    [{ description: 'y' }, { title: 'Buy groceries', description: 'y', completed: false }],
    [{ completed: true }, { title: 'Buy groceries', description: 'Milk', completed: true }],
    [{ description: null }, { title: 'Buy groceries', description: null, completed: false }],
    [
      { title: null, completed: null },
      { title: 'Buy groceries', description: 'Milk', completed: false },
    ],
    [{}, { title: 'Buy groceries', description: 'Milk', completed: false }],
  ] as const)('updates the given fields with PUT: %j', async ([body, outcome], { send, createTask }) => {
    const { one } = await createTask(contract, userInPath);
    expect(await send('PUT', one, { body })).toMatchObject({ status: 200, body: outcome });
    expect((await send('GET', one)).body).toMatchObject(outcome);
  });

  it.for(['true', 1, 0, []])('refuses %j for completed', async (completed, { send, createTask }) => {
    const { one } = await createTask(contract, userInPath);
    const answer = await send('PUT', one, { body: { completed } });
    expect(answer).toMatchObject({ status: invalid, body: { detail: 'completed must be true or false' } });
  });
});

describe('002-todo-backend-auth', () => {
  it('sets completion when the body of the toggle gives it, and toggles otherwise', async ({ send, createTask }) => {
    const { one } = await createTask('002-todo-backend-auth', true);
    const toggle = async (body?: object) => {
      const answer = await send('PATCH', `${one}/complete`, { body });
      expect(answer.status).toBe(200);
      return answer.body.completed;
    };
    expect(await toggle({ completed: true })).toBe(true);
    expect(await toggle({ completed: true })).toBe(true);
    expect(await toggle({ completed: false })).toBe(false);
    expect(await toggle()).toBe(true);
    expect(await toggle({})).toBe(false);
    expect(await toggle({ completed: null })).toBe(true);
  });

  it.for(['true', 1])('refuses to set completion to %j with 422', async (completed, { send, createTask }) => {
    const { one } = await createTask('002-todo-backend-auth', true);
    expect(await send('PATCH', `${one}/complete`, { body: { completed } })).toMatchObject({
      status: 422,
      body: { error_code: 'validation_error', detail: 'completed must be true or false' },
    });
  });
});

describe.each([
  ['007-fastapi-backend', true, 'complete', 'completed'],
  ['1-backend-integration', false, 'complete', 'completed'],
  ['1-backend-integration', false, 'toggle-complete', 'completed'],
  ['002-backend-api', false, 'toggle', 'is_completed'],
] as const)('%s', (contract, userInPath, toggle, completed) => {
  it(`toggles at ${toggle} whatever the body contains`, async ({ send, createTask }) => {
    const { one } = await createTask(contract, userInPath);
    for (const expected of [true, false, true]) {
      const { status, body } = await send('PATCH', `${one}/${toggle}`, {
        body: { completed: true, is_completed: true },
      });
      expect(status).toBe(200);
      expect((body.data ?? body)[completed]).toBe(expected);
    }
  });
});

describe('1-backend-integration', () => {
  it('filters the list by status: completed or active', async ({ send, createTask }) => {
    const { tasks, one } = await createTask('1-backend-integration', false);
    await send('POST', tasks, { body: { title: 'Call Ann' } });
    await send('PATCH', `${one}/toggle-complete`);
    const titles = async (query: string) =>
      (await send('GET', `${tasks}${query}`)).body.map(({ title }: { title: string }) => title);
    expect(await titles('')).toEqual(['Call Ann', 'Buy groceries']);
    expect(await titles('?status=active')).toEqual(['Call Ann']);
    expect(await titles('?status=completed')).toEqual(['Buy groceries']);
    expect(await send('GET', `${tasks}?status=pending`)).toMatchObject({
      status: 400,
      body: { detail: 'status must be one of completed, active', status_code: 400, error_type: 'validation_error' },
    });
  });
});

describe('1-backend-integration, at /api/tasks/stats', () => {
  const stats = '/contracts/1-backend-integration/api/tasks/stats';

  it('counts tasks and shows the latest changes', async ({ send, createTask }) => {
    expect(await send('GET', stats)).toMatchObject({
      status: 200,
      body: { totalTasks: 0, completedTasks: 0, pendingTasks: 0, completionRate: 0, recentActivity: [] },
    });
    const { tasks, one } = await createTask('1-backend-integration', false);
    for (const title of ['two', 'three']) await send('POST', tasks, { body: { title } });
    const { body: done } = await send('PATCH', `${one}/toggle-complete`);
    const { body } = await send('GET', stats);
    expect(body).toMatchObject({ totalTasks: 3, completedTasks: 1, pendingTasks: 2, completionRate: 33 });
    expect(body.recentActivity.map(({ title }: { title: string }) => title)).toEqual([done.title, 'three', 'two']);
    expect(body.recentActivity[0]).toEqual({
      id: '1',
      title: done.title,
      completed: true,
      createdAt: done.createdAt,
      type: 'task',
    });
  });

  it('is no task in any other contract', async ({ send, user }) => {
    for (const frontend of FRONTENDS.filter(({ name }) => name !== '1-backend-integration')) {
      const { status } = await send('GET', `/contracts/${frontend.name}${tasksPath(frontend, user)}/stats`);
      expect(status).toBe(frontend.invalid);
    }
  });
});

describe('001-todo-web-app', () => {
  it('wraps every response with its data, a message and an error', async ({ send }) => {
    const tasks = '/contracts/001-todo-web-app/tasks';
    const created = (await send('POST', tasks, { body: { title: 'x', description: 'y' } })).body;
    const { task } = created.data;
    const one = `${tasks}/${task.id}`;
    const done = { ...task, is_completed: true, updated_at: expect.any(String) };
    const of = (task: object) => ({ data: { task }, message: expect.stringMatching(/./), error: null });
    expect(created).toEqual(of({ ...task, title: 'x', description: 'y', is_completed: false }));
    expect((await send('GET', one)).body).toEqual(of(task));
    expect((await send('PATCH', `${one}/toggle`)).body).toEqual(of(done));
    expect((await send('PUT', one, { body: { title: 'z' } })).body).toEqual(
      of({ ...done, title: 'z', description: null }),
    );
    expect((await send('GET', tasks)).body).toEqual({
      data: { tasks: [expect.objectContaining({ title: 'z' })], count: 1 },
      message: expect.stringMatching(/./),
      error: null,
    });
    expect(await send('PUT', one, { body: {} })).toMatchObject({
      status: 400,
      body: {
        data: null,
        message: null,
        error: { code: 'VALIDATION_ERROR', message: 'title is required', details: { field: 'title', max_length: 500 } },
      },
    });
  });
});

describe.each(['002-backend-api', '001-todo-web-app'])('the details of an error of %s', (contract) => {
  const tasks = `/contracts/${contract}${contract === '002-backend-api' ? '/api' : ''}/tasks`;
  const long = (length: number) => 'x'.repeat(length);
  const key = { 'idempotency-key': `"${long(256)}"` };

  it.for<[details: object, method: string, path: string, options?: RequestOptions]>([
    [{ field: 'title', max_length: 500 }, 'POST', tasks, { body: {} }],
    [{ field: 'description', max_length: 5_000 }, 'POST', tasks, { body: { title: 'x', description: long(5_001) } }],
    [{ field: 'Idempotency-Key', max_length: 255 }, 'POST', tasks, { body: { title: 'x' }, headers: key }],
    [{ field: 'q', max_length: 200 }, 'GET', `${tasks}?q=${long(201)}`],
    [{ field: 'q', max_length: 200 }, 'GET', `${tasks}?q=a&q=b`],
    [{ field: 'limit', minimum: 1, maximum: 1_000 }, 'GET', `${tasks}?limit=1001`],
    [{ field: 'limit', minimum: 1, maximum: 1_000 }, 'GET', `${tasks}/changes?limit=0`],
    [{ field: 'cursor' }, 'GET', `${tasks}?limit=1&cursor=x`],
    [{ field: 'since' }, 'GET', `${tasks}/changes?since=x`],
    [{ field: 'sort' }, 'GET', `${tasks}?sort=x`],
    [{ field: 'If-None-Match' }, 'GET', tasks, { headers: { 'if-none-match': 'x' } }],
    [{ field: 'id' }, 'GET', `${tasks}/x`],
    [{}, 'POST', tasks, { body: '{' }],
  ])('are %j: %s', async ([details, method, path, options], { send }) => {
    const { status, body } = await send(method, path, options);
    expect({ status, details: body.error.details }).toEqual({ status: 400, details });
  });
});

describe('002-backend-api', () => {
  it('wraps every response with a message', async ({ send, createTask }) => {
    const { tasks, one } = await createTask('002-backend-api', false);
    const listed = (await send('GET', tasks)).body;
    expect(Object.keys(listed).sort()).toEqual(['count', 'data', 'message']);
    expect(listed).toMatchObject({ count: 1, message: expect.any(String) });
    for (const answer of [
      await send('GET', one),
      await send('PUT', one, { body: { title: 'x' } }),
      await send('PATCH', `${one}/toggle`),
    ]) {
      expect(Object.keys(answer.body).sort()).toEqual(['data', 'message']);
      expect(answer.body.message).not.toBe('');
    }
  });

  it('sets title and description by PUT, clears a description that is absent or null, and leaves completion', async ({
    send,
    createTask,
  }) => {
    const { one } = await createTask('002-backend-api', false);
    await send('PATCH', `${one}/toggle`);
    for (const rest of [{}, { description: null }]) {
      await send('PUT', one, { body: { title: 'x', description: 'y' } });
      const { status, body } = await send('PUT', one, {
        body: { title: 'z', is_completed: false, completed: false, ...rest },
      });
      expect({ status, data: body.data }).toMatchObject({
        status: 200,
        data: { title: 'z', description: null, is_completed: true },
      });
    }
  });

  it('requires a title for PUT', async ({ send, createTask }) => {
    const { one } = await createTask('002-backend-api', false);
    for (const [body, message] of [
      [{ description: 'y' }, 'title is required'],
      [{ title: null }, 'title must be a string'],
    ] as const) {
      expect(await send('PUT', one, { body })).toMatchObject({
        status: 400,
        body: { error: { code: 'VALIDATION_ERROR', message, details: { field: 'title', max_length: 500 } } },
      });
    }
  });

  it.for([
    ['GET', '/contracts/002-backend-api/api/tasks', 401, 'UNAUTHORIZED'],
    ['GET', '/contracts/002-backend-api/nothing', 404, 'NOT_FOUND'],
    ['DELETE', '/contracts/002-backend-api/api/tasks', 405, 'METHOD_NOT_ALLOWED'],
  ] as const)('gives its error code in capitals: %s %s', async ([method, path, status, code], { app }) => {
    expect(await app.send(method, path)).toMatchObject({ status, body: { error: { code, details: {} } } });
  });
});
