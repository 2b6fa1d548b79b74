import { describe, expect } from 'vitest';
import { PLACES, UTC } from '../support/contract-places.ts';

describe.each(PLACES)('$frontend.name at "$prefix"', ({ frontend, prefix, it, absent }) => {
  const { taskIn, tasksIn, completed } = frontend;

  it('creates a task and answers 201 with exactly these fields', async ({ signIn }) => {
    const { user, send, tasks } = signIn();
    const { status, body } = await send('POST', tasks, { body: { title: ' Buy groceries ', description: 'Milk' } });
    expect(status).toBe(201);
    const task = taskIn(body);
    expect(Object.keys(task).sort()).toEqual([...frontend.createdKeys].sort());
    expect(task).toMatchObject({ user_id: user, title: 'Buy groceries', description: 'Milk', [completed]: false });
    expect(task.created_at).toMatch(UTC);
    expect(task.updated_at).toBe(task.created_at);
    if (frontend.id === 'uuid')
      expect(task.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    else expect(task.id).toBe(1);
    if ('userId' in task)
      expect(task).toMatchObject({ userId: user, createdAt: task.created_at, updatedAt: task.updated_at });
  });

  it('answers null for a description that is absent or null', async ({ signIn }) => {
    const { create } = signIn();
    expect((await create({ title: 'x' })).description).toBeNull();
    expect((await create({ title: 'x', description: null })).description).toBeNull();
    expect((await create({ title: 'x', description: '' })).description).toBe('');
  });

  it('ignores an id, a user and times in a body', async ({ signIn }) => {
    const { user, create } = signIn();
    const wished = {
      id: absent,
      user_id: 'mallory',
      userId: 'mallory',
      created_at: 'x',
      updated_at: 'x',
      createdAt: 'x',
      number: 9,
    };
    const task = await create({ title: 'x', ...wished });
    expect(task.user_id).toBe(user);
    expect(task.id).not.toEqual(frontend.id === 'uuid' ? absent : 4711);
    expect(task.created_at).toMatch(UTC);
  });

  it('lists all tasks newest first, and ignores unknown parameters', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    expect(tasksIn((await send('GET', tasks)).body)).toEqual([]);
    for (let n = 1; n <= 120; n += 1) await create({ title: `Task ${n}` });
    const [, some] = tasksIn((await send('GET', tasks)).body);
    for (const toggle of frontend.toggles.slice(0, 1)) await send('PATCH', `${tasks}/${some.id}/${toggle}`);
    const foreign = frontend.name === '007-fastapi-backend' ? '' : '&status_filter=completed';
    const { status, body } = await send('GET', `${tasks}?page=2&per_page=5&user_id=mallory${foreign}`);
    expect(status).toBe(200);
    expect(tasksIn(body).map(({ title }) => title)).toEqual(
      Array.from({ length: 120 }, (_, index) => `Task ${120 - index}`),
    );
  });

  it('reads, updates, toggles and deletes a task by its id', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    const made = await create();
    const one = `${tasks}/${made.id}`;
    expect(taskIn((await send('GET', one)).body)).toEqual(made);
    const updated = await send('PUT', one, { body: frontend.put(' Buy milk ') });
    expect(updated.status).toBe(200);
    expect(taskIn(updated.body)).toMatchObject({ id: made.id, title: 'Buy milk', created_at: made.created_at });
    expect(taskIn(updated.body).updated_at > made.updated_at).toBe(true);
    let done = false;
    for (const toggle of [...frontend.toggles, ...frontend.toggles, ...frontend.toggles]) {
      const { status, body } = await send('PATCH', `${one}/${toggle}`);
      done = !done;
      expect(status).toBe(200);
      expect(taskIn(body)[completed]).toBe(done);
    }
    const deleted = await send('DELETE', one);
    expect({ status: deleted.status, body: deleted.body }).toEqual(frontend.deleted);
    expect(await send('GET', one)).toMatchObject({ status: 404 });
  });

  it('answers with the task when an update changes no value', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    const { id, title } = await create();
    expect(await send('PUT', `${tasks}/${id}`, { body: frontend.put(title) })).toMatchObject({ status: 200 });
  });

  it('treats a path with a trailing slash as the same route', async ({ signIn }) => {
    const { send, tasks } = signIn();
    const task = taskIn((await send('POST', `${tasks}/`, { body: { title: 'x' } })).body);
    expect(taskIn((await send('GET', `${tasks}/${task.id}/`)).body)).toEqual(task);
  });

  it('answers /health without a token', async ({ app }) => {
    expect(await app.send('GET', `${prefix}/health`)).toMatchObject({
      status: 200,
      body: { status: 'ok', environment: 'dev', timestamp: expect.stringMatching(UTC) },
    });
  });
});
