import { describe, expect } from 'vitest';
import { aUser } from '../conformance/builders.ts';
import { itWithApp } from '../support/app-fixtures.ts';

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** `signIn` gives a new user, the path of that user's tasks, and a way to send requests as that user. */
const it = itWithApp().extend('signIn', ({ app }) => (prefix = '') => {
  const user = aUser();
  return { user, tasks: `${prefix}/api/${user}/tasks`, send: app.as(user) };
});

describe.each(['', '/contracts/007-fastapi-backend'])('007-fastapi-backend at %j', (prefix) => {
  it('creates a task and answers 201 with the task', async ({ signIn }) => {
    const { user, tasks, send } = signIn(prefix);
    const { status, body } = await send('POST', tasks, {
      body: { title: ' Buy groceries ', description: 'Milk, eggs' },
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: 1,
      user_id: user,
      title: 'Buy groceries',
      description: 'Milk, eggs',
      completed: false,
      created_at: expect.stringMatching(UTC),
      updated_at: body.created_at,
    });
  });

  it.for([{}, { description: null }])(
    'answers null for a task without a description (%j)',
    async (extra, { signIn }) => {
      const { tasks, send } = signIn(prefix);
      const { status, body } = await send('POST', tasks, { body: { title: 'Buy groceries', ...extra } });
      expect(status).toBe(201);
      expect(body.description).toBeNull();
    },
  );

  it('ignores an id, a user, completion and times in a body', async ({ signIn }) => {
    const { user, tasks, send } = signIn(prefix);
    const set = { id: 99, user_id: 'mallory', userId: 'mallory', completed: true, created_at: 'x', updated_at: 'x' };
    const { body } = await send('POST', tasks, { body: { title: 'Buy groceries', ...set } });
    expect(body).toMatchObject({ id: 1, user_id: user, completed: false });
    expect(body.created_at).toMatch(UTC);
  });

  it('lists tasks with their count', async ({ signIn }) => {
    const { tasks, send } = signIn(prefix);
    expect((await send('GET', tasks)).body).toEqual({ tasks: [], count: 0 });
    const { body: task } = await send('POST', tasks, { body: { title: 'Buy groceries' } });
    expect(await send('GET', tasks)).toMatchObject({ status: 200, body: { tasks: [task], count: 1 } });
  });

  it('filters the list by status and sorts it', async ({ signIn }) => {
    const { tasks, send } = signIn(prefix);
    for (const title of ['banana', 'Cherry', 'apple']) await send('POST', tasks, { body: { title } });
    await send('PATCH', `${tasks}/2/complete`);
    const titles = async (query: string) => {
      const { status, body } = await send('GET', `${tasks}${query}`);
      expect(status).toBe(200);
      return body.tasks.map(({ title }: { title: string }) => title);
    };
    expect(await titles('')).toEqual(['apple', 'Cherry', 'banana']);
    expect(await titles('?status=all&sort=created')).toEqual(['apple', 'Cherry', 'banana']);
    expect(await titles('?status=pending')).toEqual(['apple', 'banana']);
    expect(await titles('?status=completed')).toEqual(['Cherry']);
    expect(await titles('?status_filter=completed')).toEqual(['Cherry']);
    expect(await titles('?status=pending&status_filter=completed')).toEqual(['apple', 'banana']);
    expect(await titles('?sort=title')).toEqual(['apple', 'banana', 'Cherry']);
    expect(await titles('?sort=title&status=pending')).toEqual(['apple', 'banana']);
    expect(await titles('?unknown=parameter')).toHaveLength(3);
  });

  it.for([
    ['status=done', 'status must be one of all, pending, completed'],
    ['status_filter=', 'status_filter must be one of all, pending, completed'],
    ['sort=date', 'sort must be one of created, title'],
    ['status=all&status=pending', 'status may be given only once'],
  ])('refuses the query %s with 400', async ([query, detail], { signIn }) => {
    const { tasks, send } = signIn(prefix);
    expect(await send('GET', `${tasks}?${query}`)).toMatchObject({
      status: 400,
      body: { error: 'validation_error', detail },
    });
  });

  it('reads one task', async ({ signIn }) => {
    const { tasks, send } = signIn(prefix);
    const { body: task } = await send('POST', tasks, { body: { title: 'Buy groceries' } });
    expect(await send('GET', `${tasks}/1`)).toMatchObject({ status: 200, body: task });
  });

  it.for([
    [{ title: ' Buy milk ' }, { title: 'Buy milk', description: 'Milk' }],
    [{ description: 'Eggs' }, { title: 'Buy groceries', description: 'Eggs' }],
    [
      { title: null, description: '' },
      { title: 'Buy groceries', description: '' },
    ],
    [
      { title: 'Buy milk', description: null },
      { title: 'Buy milk', description: 'Milk' },
    ],
  ])('updates with PUT the fields that are given and not null: %j', async ([change, outcome], { signIn }) => {
    const { tasks, send } = signIn(prefix);
    const { body: task } = await send('POST', tasks, { body: { title: 'Buy groceries', description: 'Milk' } });
    const { status, body } = await send('PUT', `${tasks}/1`, { body: change });
    expect(status).toBe(200);
    expect(body).toEqual({ ...task, ...outcome, updated_at: expect.stringMatching(UTC) });
    expect(body.updated_at > task.updated_at).toBe(true);
  });

  it.for([{}, { title: null }, { title: null, description: null }, undefined])(
    'refuses a PUT without a field with 400 (%j)',
    async (body, { signIn }) => {
      const { tasks, send } = signIn(prefix);
      await send('POST', tasks, { body: { title: 'Buy groceries' } });
      expect(await send('PUT', `${tasks}/1`, { body })).toMatchObject({
        status: 400,
        body: { error: 'validation_error', detail: 'At least one field (title or description) must be provided' },
      });
    },
  );

  it.for(['completed', 'id', 'user_id', 'colour', '__proto__'])(
    'refuses a PUT with the unknown field %s with 400',
    async (field, { signIn }) => {
      const { tasks, send } = signIn(prefix);
      await send('POST', tasks, { body: { title: 'Buy groceries' } });
      expect(await send('PUT', `${tasks}/1`, { body: `{"title":"Buy milk","${field}":true}` })).toMatchObject({
        status: 400,
        body: { error: 'validation_error', detail: `${field} is not a known field` },
      });
      expect((await send('GET', `${tasks}/1`)).body.title).toBe('Buy groceries');
    },
  );

  it('toggles a task with PATCH, and toggles it back', async ({ signIn }) => {
    const { tasks, send } = signIn(prefix);
    await send('POST', tasks, { body: { title: 'Buy groceries' } });
    expect(await send('PATCH', `${tasks}/1/complete`)).toMatchObject({ status: 200, body: { id: 1, completed: true } });
    expect(await send('PATCH', `${tasks}/1/complete`, { body: { completed: true } })).toMatchObject({
      status: 200,
      body: { id: 1, completed: false },
    });
  });

  it('deletes a task with 200 and a message, and never reuses its id', async ({ signIn }) => {
    const { tasks, send } = signIn(prefix);
    await send('POST', tasks, { body: { title: 'Buy groceries' } });
    const { status, body } = await send('DELETE', `${tasks}/1`);
    expect({ status, body }).toEqual({ status: 200, body: { message: 'Task deleted' } });
    expect((await send('GET', `${tasks}/1`)).status).toBe(404);
    expect((await send('POST', tasks, { body: { title: 'Buy groceries' } })).body.id).toBe(2);
  });

  it.for([
    ['title', { title: '' }, 'title must be 1 to 200 characters'],
    ['title', { title: ' \t' }, 'title must be 1 to 200 characters'],
    ['title', { title: 'x'.repeat(201) }, 'title must be 1 to 200 characters'],
    ['title', { title: 'a\0b' }, 'title must be valid Unicode text without U+0000'],
    ['title', { title: 5 }, 'title must be a string'],
    ['title', { title: null }, 'title must be a string'],
    ['title', {}, 'title is required'],
    ['description', { title: 'x', description: 'x'.repeat(100_001) }, 'description must be at most 100000 characters'],
    ['description', { title: 'x', description: ['Milk'] }, 'description must be a string'],
    ['all', { title: '', description: 5 }, 'title must be 1 to 200 characters; description must be a string'],
  ])('refuses to create a task with an invalid %s with 400 (%#)', async ([_, sent, detail], { signIn }) => {
    const { tasks, send } = signIn(prefix);
    expect(await send('POST', tasks, { body: sent })).toMatchObject({
      status: 400,
      body: { error: 'validation_error', detail },
    });
    expect((await send('GET', tasks)).body.count).toBe(0);
  });

  it('counts the length of a title in code points', async ({ signIn }) => {
    const { tasks, send } = signIn(prefix);
    expect((await send('POST', tasks, { body: { title: '🛒'.repeat(200) } })).status).toBe(201);
    expect((await send('POST', tasks, { body: { title: '🛒'.repeat(201) } })).status).toBe(400);
  });

  it.for(['0', '-1', '1.5', 'abc', '1e3', '0x1', '%20', '%00', '9'.repeat(30), '%F0%9F'])(
    'refuses the id %s with 400',
    async (id, { signIn }) => {
      const { tasks, send } = signIn(prefix);
      for (const [method, path] of [
        ['GET', id],
        ['PUT', id],
        ['DELETE', id],
        ['PATCH', `${id}/complete`],
      ] as const) {
        expect(await send(method, `${tasks}/${path}`, method === 'PUT' ? { body: { title: 'x' } } : {})).toMatchObject({
          status: 400,
          body: { error: 'validation_error', detail: 'id must be an integer from 1 to 9007199254740991' },
        });
      }
    },
  );

  it("answers for another user's task exactly as for one that does not exist", async ({ signIn }) => {
    const [owner, stranger] = [signIn(prefix), signIn(prefix)];
    for (const title of ['one', 'two']) await owner.send('POST', owner.tasks, { body: { title } });
    await stranger.send('POST', stranger.tasks, { body: { title: 'mine' } });
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['PATCH', '/complete'],
    ] as const) {
      const body = method === 'PUT' ? { title: 'Mine now' } : undefined;
      const hidden = await stranger.send(method, `${stranger.tasks}/2${path}`, { body });
      const missing = await stranger.send(method, `${stranger.tasks}/777${path}`, { body });
      expect(hidden).toMatchObject({ status: 404, body: { error: 'not_found', detail: 'Task not found' } });
      expect(hidden.text).toBe(missing.text);
      expect([...hidden.headers.keys()]).toEqual([...missing.headers.keys()]);
    }
  });

  it('refuses the path of another user with 403, without the word that makes a frontend sign out', async ({
    signIn,
  }) => {
    const [owner, stranger] = [signIn(prefix), signIn(prefix)];
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['GET', '/1'],
      ['PUT', '/1'],
      ['DELETE', '/1'],
      ['PATCH', '/1/complete'],
    ] as const) {
      const answer = await stranger.send(
        method,
        `${owner.tasks}${path}`,
        method.startsWith('P') ? { body: { title: 'x' } } : {},
      );
      expect(answer).toMatchObject({ status: 403, body: { error: 'forbidden' } });
      expect(answer.text).not.toMatch(/token/i);
    }
  });

  it.for([
    ['PATCH', '/1', 'HEAD, GET, PUT, DELETE'],
    ['POST', '/1', 'HEAD, GET, PUT, DELETE'],
    ['PUT', '', 'HEAD, GET, POST'],
    ['DELETE', '', 'HEAD, GET, POST'],
    ['GET', '/1/complete', 'PATCH'],
    ['PROPFIND', '', 'HEAD, GET, POST'],
  ] as const)('answers %s %s with 405 and the allowed methods', async ([method, path, allowed], { signIn }) => {
    const { tasks, send } = signIn(prefix);
    const answer = await send(method, `${tasks}${path}`);
    expect(answer).toMatchObject({ status: 405, body: { error: 'method_not_allowed', detail: expect.any(String) } });
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(allowed.split(', ').sort());
  });

  it.for([
    '/api',
    '/api/tasks',
    '/api/u/tasks/1/toggle',
    '/api/u/tasks/1/complete/now',
    '/API/u/tasks',
    '/docs/nothing.js',
  ])('answers the unknown path %s with 404', async (path, { app }) => {
    expect(await app.send('GET', `${prefix}${path}`)).toMatchObject({
      status: 404,
      body: { error: 'not_found', detail: 'There is nothing at this path' },
    });
  });

  it('treats a path with a trailing slash as the same route', async ({ signIn }) => {
    const { tasks, send } = signIn(prefix);
    expect((await send('POST', `${tasks}/`, { body: { title: 'Buy groceries' } })).status).toBe(201);
    expect((await send('GET', `${tasks}/`)).body.count).toBe(1);
    expect((await send('GET', `${tasks}/1/`)).body.id).toBe(1);
    expect((await send('PATCH', `${tasks}/1/complete/`)).body.completed).toBe(true);
  });

  it('accepts an escaped user id in a path', async ({ app }) => {
    const user = 'ann/b c%🛒';
    const send = app.as(user);
    const tasks = `${prefix}/api/${encodeURIComponent(user)}/tasks`;
    expect((await send('GET', tasks)).status).toBe(200);
    expect((await send('GET', `${prefix}/api/ann%2Fb/tasks`)).status).toBe(403);
  });

  it('answers /health without a token', async ({ app }) => {
    const { status, body } = await app.send('GET', `${prefix}/health`);
    expect({ status, body }).toEqual({
      status: 200,
      body: { status: 'ok', environment: 'dev', timestamp: expect.stringMatching(UTC) },
    });
  });
});

it('has the same tasks at both paths of the contract', async ({ signIn }) => {
  const { tasks, send } = signIn();
  const { body: task } = await send('POST', `/contracts/007-fastapi-backend${tasks}`, {
    body: { title: 'Buy groceries' },
  });
  expect((await send('GET', `${tasks}/1`)).body).toEqual(task);
});

it('answers below an unknown contract in the shape of the contract at the root', async ({ app }) => {
  expect(await app.send('GET', '/contracts/nope/api/u/tasks')).toMatchObject({
    status: 404,
    body: { error: 'not_found' },
  });
});
