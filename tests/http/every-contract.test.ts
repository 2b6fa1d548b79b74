import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Unavailable } from '../../application/errors.ts';
import type { OwnedTasks } from '../../application/ports/task-repository.ts';
import { aUser } from '../support/builders.ts';
import { documented } from '../support/documented.ts';
import { FRONTENDS, type Frontend } from '../support/frontends.ts';
import { PAGE, type RequestOptions, type RunningApp, type Send, startApp, tokenFor } from '../support/running-app.ts';

interface Limited {
  readonly maxLength?: number;
  readonly anyOf?: readonly Limited[];
}

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** Each frontend at both of its places: the contract of its generation at the root, and below `/contracts/<name>`. */
const PLACES = FRONTENDS.flatMap((frontend) => [
  { frontend, prefix: '', atRoot: frontend.name },
  {
    frontend,
    prefix: `/contracts/${frontend.name}`,
    atRoot: FRONTENDS.find(({ name }) => name !== frontend.name)!.name,
  },
]);

describe.each(PLACES)('$frontend.name at "$prefix"', ({ frontend, prefix, atRoot }) => {
  let app: RunningApp;
  beforeAll(async () => {
    app = await checked(await startApp({ contract: atRoot }));
  });
  afterAll(() => app.close());

  /** The same app, each of whose answers has to be as its OpenAPI document says. */
  async function checked(running: RunningApp): Promise<RunningApp> {
    const check = await documented(running.send, prefix);
    const checking =
      (send: Send): Send =>
      async (method, path, options) => {
        const answer = await send(method, path, options);
        check(method, path, answer);
        return answer;
      };
    return { ...running, send: checking(running.send), as: (user) => checking(running.as(user)) };
  }

  const { taskIn, tasksIn, completed } = frontend;
  const absent = frontend.id === 'uuid' ? '0192f1a0-7b1c-7def-8abc-0123456789ab' : '4711';
  const tasksOf = (user: string) => `${prefix}/api/${frontend.userInPath ? `${user}/` : ''}tasks`;
  const error = (status: number, category: string, detail: unknown = expect.any(String), details?: unknown) => ({
    status,
    body: frontend.error({ status, category, detail, at: expect.stringMatching(UTC), details }),
  });

  function signIn(user: string = aUser()) {
    const send = app.as(user);
    const tasks = tasksOf(user);
    const create = async (body: object = { title: 'Buy groceries' }) =>
      taskIn((await send('POST', tasks, { body })).body);
    return { user, send, tasks, create };
  }

  /** Every request to one task that this frontend makes. */
  const requestsTo = (task: string): [method: string, path: string, options: RequestOptions][] => [
    ['GET', task, {}],
    ['PUT', task, { body: frontend.put('Mine now') }],
    ...(frontend.patches ? [['PATCH', task, { body: { title: 'Mine now' } }] as [string, string, RequestOptions]] : []),
    ...frontend.toggles.map((toggle): [string, string, RequestOptions] => ['PATCH', `${task}/${toggle}`, {}]),
    ['DELETE', task, {}],
  ];
  const requests = (tasks: string, task: string): ReturnType<typeof requestsTo> => [
    ['GET', tasks, {}],
    ['POST', tasks, { body: { title: 'Buy groceries' } }],
    ...requestsTo(`${tasks}/${task}`),
  ];

  it('creates: 201 and the task, with these fields and no others', async () => {
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

  it('makes null of a description that is absent or null', async () => {
    const { create } = signIn();
    expect((await create({ title: 'x' })).description).toBeNull();
    expect((await create({ title: 'x', description: null })).description).toBeNull();
    expect((await create({ title: 'x', description: '' })).description).toBe('');
  });

  it('lets no body set an id, a user or a time', async () => {
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

  it('lists the whole of it, newest first, and takes no notice of parameters that it does not know', async () => {
    const { send, tasks, create } = signIn();
    expect(tasksIn((await send('GET', tasks)).body)).toEqual([]);
    for (let n = 1; n <= 120; n += 1) await create({ title: `Task ${n}` });
    const [, some] = tasksIn((await send('GET', tasks)).body);
    for (const toggle of frontend.toggles.slice(0, 1)) await send('PATCH', `${tasks}/${some.id}/${toggle}`);
    const foreign = frontend.filters ? '' : '&status=completed&status_filter=completed&sort=title';
    const { status, body } = await send('GET', `${tasks}?page=2&limit=5&user_id=mallory${foreign}`);
    expect(status).toBe(200);
    expect(tasksIn(body).map(({ title }) => title)).toEqual(
      Array.from({ length: 120 }, (_, index) => `Task ${120 - index}`),
    );
  });

  it('reads, updates, toggles and deletes a task by its id', async () => {
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

  it('answers an update that changes no value with the task', async () => {
    const { send, tasks, create } = signIn();
    const { id, title } = await create();
    expect(await send('PUT', `${tasks}/${id}`, { body: frontend.put(title) })).toMatchObject({ status: 200 });
  });

  it('is 401 with WWW-Authenticate on every route without a token, and with one that is none', async () => {
    for (const [method, path, options] of requests(tasksOf('u'), absent)) {
      const none = await app.send(method, path, { ...options, headers: { 'content-type': 'application/json' } });
      expect(none).toMatchObject(error(401, 'unauthorized'));
      expect(none.headers.get('www-authenticate')).toBe('Bearer');
      for (const token of [
        'k3JdP0sXq9Lm2Tn5Vw8Yz1Bc4Df7Gh0J',
        'k3JdP0.sXq9Lm2',
        `${tokenFor('u')}x`,
        tokenFor('u', { exp: 1 }),
      ]) {
        const answer = await app.send(method, path, {
          ...options,
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        });
        expect(answer).toMatchObject(error(401, 'unauthorized'));
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", error_description="/);
      }
    }
  });

  if (frontend.userInPath)
    it('is 403 on every route below the path of another user, and says nothing of tokens', async () => {
      const [owner, stranger] = [signIn(), signIn()];
      const { id } = await owner.create();
      for (const [method, path, options] of requests(owner.tasks, id)) {
        const answer = await stranger.send(method, path, options);
        expect(answer).toMatchObject(error(403, 'forbidden'));
        expect(answer.text).not.toMatch(/token/i);
      }
      expect(tasksIn((await owner.send('GET', owner.tasks)).body)).toHaveLength(1);
    });

  it("is 404 for another's task exactly as for one that does not exist", async () => {
    const [owner, stranger] = [signIn(), signIn()];
    await owner.create();
    const task = await owner.create();
    const hidden = requestsTo(`${stranger.tasks}/${task.id}`);
    const missing = requestsTo(`${stranger.tasks}/${absent}`);
    for (const [index, [method, path, options]] of hidden.entries()) {
      const answer = await stranger.send(method, path, options);
      const other = await stranger.send(method, missing[index]![1], options);
      const category = frontend.name === '002-backend-api' ? 'task_not_found' : 'not_found';
      expect(answer).toMatchObject(error(404, category, 'Task not found'));
      const timeless = (text: string) => text.replace(/"\d{4}-\d\d-\d\dT[^"]*"/, '');
      expect(timeless(answer.text)).toBe(timeless(other.text));
      expect([...answer.headers.keys()]).toEqual([...other.headers.keys()]);
    }
    expect(taskIn((await owner.send('GET', `${owner.tasks}/${task.id}`)).body)).toEqual(task);
  });

  it.each(['{', '[]', '"text"', 'null', '7', 'title=x'])(
    'is 400 with the body %s, whatever it answers to values',
    async (body) => {
      const { send, tasks, create } = signIn();
      const { id } = await create();
      for (const [method, path] of requests(tasks, id).filter(([, , options]) => options.body !== undefined)) {
        expect(await send(method, path, { body })).toMatchObject(
          error(400, 'invalid_json', 'The body must be a JSON object'),
        );
      }
    },
  );

  it('is 415 with a body of another type, and 413 with one over 1 MiB, wherever one may be sent', async () => {
    const { send, tasks, create } = signIn();
    const { id } = await create();
    for (const [method, path] of requests(tasks, id).filter(([method]) => method.startsWith('P'))) {
      const text = { body: 'x', headers: { 'content-type': 'text/plain' } };
      expect(await send(method, path, text)).toMatchObject(error(415, 'unsupported_media_type'));
      const large = { body: { title: 'x', ignored: 'x'.repeat(1024 * 1024) } };
      expect(await send(method, path, large)).toMatchObject(error(413, 'payload_too_large'));
    }
  });

  it('has in its documentation the limits of every body, and examples that it takes', async () => {
    const { send, tasks, create } = signIn();
    const { id } = await create();
    const { body: document } = await app.send('GET', `${prefix}/openapi.json`);
    const templates = { [tasks]: `/api/${frontend.userInPath ? '{user_id}/' : ''}tasks` };
    let seen = 0;
    for (const [method, path] of requests(tasks, id)) {
      const template = path.replace(tasks, templates[tasks]!).replace(`/${id}`, '/{id}');
      const content = document.paths[template][method.toLowerCase()].requestBody?.content['application/json'];
      if (content === undefined) continue;
      const limitsOf = ({ maxLength, anyOf = [] }: Limited): unknown => maxLength ?? anyOf.map(limitsOf).find(Boolean);
      for (const field of ['title', 'description'] as const) {
        const property = content.schema.properties[field];
        if (property !== undefined) expect(limitsOf(property), `${method} ${field}`).toBe(frontend.limits[field]);
      }
      const { value } = content.examples.request;
      expect((await send(method, path, { body: value })).status).toBe(method === 'POST' ? 201 : 200);
      seen += 1;
    }
    expect(seen).toBeGreaterThanOrEqual(2);
  });

  it('takes a request without a body for one', async () => {
    const { send, tasks } = signIn();
    expect(await send('POST', tasks)).toMatchObject(
      error(frontend.invalid, 'validation_error', 'title is required', {
        field: 'title',
        max_length: frontend.limits.title,
      }),
    );
  });

  it.each<[given: unknown, rule: (limit: number) => string]>([
    ['', (limit) => `must be 1 to ${limit} characters`],
    [' \t\u3000', (limit) => `must be 1 to ${limit} characters`],
    ['a\0b', () => 'must be valid Unicode text without U+0000'],
    ['a\ud83d', () => 'must be valid Unicode text without U+0000'],
    [5, () => 'must be a string'],
    [true, () => 'must be a string'],
    [['x'], () => 'must be a string'],
  ])('does not take %j for a title', async (given, rule) => {
    const { send, tasks, create } = signIn();
    const { id } = await create();
    const { title: limit } = frontend.limits;
    const refused = error(frontend.invalid, 'validation_error', `title ${rule(limit)}`, {
      field: 'title',
      max_length: limit,
    });
    // fetch would mend a lone surrogate, JSON's escapes keep it
    const text = (body: object) => JSON.stringify(body);
    expect(await send('POST', tasks, { body: text({ title: given }) })).toMatchObject(refused);
    expect(await send('PUT', `${tasks}/${id}`, { body: text({ ...frontend.put('x'), title: given }) })).toMatchObject(
      refused,
    );
    if (frontend.patches)
      expect(await send('PATCH', `${tasks}/${id}`, { body: text({ title: given }) })).toMatchObject(refused);
  });

  it('takes a title and a description as long as its limits, in code points, and no longer, wherever they may be sent', async () => {
    const { send, tasks, create } = signIn();
    const one = `${tasks}/${(await create()).id}`;
    for (const field of ['title', 'description'] as const) {
      const limit = frontend.limits[field];
      const rule = field === 'title' ? `must be 1 to ${limit} characters` : `must be at most ${limit} characters`;
      const refused = error(frontend.invalid, 'validation_error', `${field} ${rule}`, { field, max_length: limit });
      for (const [method, path, rest] of [
        ['POST', tasks, { title: 'x' }],
        ['PUT', one, frontend.put('x')],
        ...(frontend.patches ? [['PATCH', one, {}] as const] : []),
      ] as const) {
        const given = (length: number) => ({ body: { ...rest, [field]: '🛒'.repeat(length) } });
        expect((await send(method, path, given(limit))).status).toBe(method === 'POST' ? 201 : 200);
        expect(await send(method, path, given(limit + 1))).toMatchObject(refused);
      }
    }
  });

  it('tells all fields at fault in one sentence', async () => {
    const { send, tasks } = signIn();
    const { limits, invalid } = frontend;
    expect(await send('POST', tasks, { body: { title: null, description: 5 } })).toMatchObject(
      error(invalid, 'validation_error', 'title must be a string; description must be a string', {
        field: 'title',
        max_length: limits.title,
      }),
    );
  });

  it.each(['abc', '0', '-1', '1.5', '%00', '0192f1a0-7b1c-7def-8abc', '9'.repeat(40)])(
    'refuses the id %s',
    async (id) => {
      const { send, tasks } = signIn();
      const rule = frontend.id === 'uuid' ? 'id must be a UUID' : 'id must be an integer from 1 to 9007199254740991';
      for (const [method, path, options] of requestsTo(`${tasks}/${id}`)) {
        expect(await send(method, path, options)).toMatchObject(
          error(frontend.invalid, 'validation_error', rule, { field: 'id' }),
        );
      }
    },
  );

  it('refuses the other kind of id', async () => {
    const { send, tasks } = signIn();
    const other = frontend.id === 'uuid' ? '1' : '0192f1a0-7b1c-7def-8abc-0123456789ab';
    expect((await send('GET', `${tasks}/${other}`)).status).toBe(frontend.invalid);
  });

  it('is 405 with Allow where a path does not know the method, 404 where there is no path', async () => {
    const { send, tasks } = signIn();
    const one = `${tasks}/${absent}`;
    const allow = ['GET', 'HEAD', 'PUT', 'DELETE', ...(frontend.patches ? ['PATCH'] : [])].sort();
    for (const [method, path, allowed] of [
      ['POST', one, allow],
      ...(frontend.patches ? [] : [['PATCH', one, allow] as const]),
      ['DELETE', tasks, ['GET', 'HEAD', 'POST']],
      ...frontend.toggles.map((toggle) => ['GET', `${one}/${toggle}`, ['PATCH']] as const),
    ] as const) {
      const answer = await send(method, path);
      expect(answer).toMatchObject(error(405, 'method_not_allowed'));
      expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(allowed);
    }
    const unknown = ['complete', 'toggle', 'toggle-complete'].filter((name) => !frontend.toggles.includes(name));
    for (const path of [
      `${prefix}/api`,
      `${prefix}/api/nothing/here/at/all`,
      ...unknown.map((name) => `${one}/${name}`),
    ]) {
      expect(await send('PATCH', path)).toMatchObject(error(404, 'not_found'));
    }
    const [theirs, ours] = frontend.userInPath ? ['tasks', 'u/tasks'] : ['u/tasks', 'tasks'];
    expect((await app.send('GET', `${prefix}/api/${theirs}`)).status).toBe(404);
    expect((await app.send('GET', `${prefix}/api/${ours}`)).status).toBe(401);
  });

  it('takes a trailing slash for the same route', async () => {
    const { send, tasks } = signIn();
    const task = taskIn((await send('POST', `${tasks}/`, { body: { title: 'x' } })).body);
    expect(taskIn((await send('GET', `${tasks}/${task.id}/`)).body)).toEqual(task);
  });

  it('lets a page see every error', async () => {
    const { send, tasks } = signIn();
    const headers = { origin: PAGE };
    for (const [status, answer] of [
      [401, await app.send('GET', tasks, { headers })],
      [404, await send('GET', `${tasks}/${absent}`, { headers })],
      [405, await send('DELETE', tasks, { headers })],
      [413, await send('POST', tasks, { headers, body: 'x'.repeat(1024 * 1024 + 1) })],
      [415, await send('POST', tasks, { body: 'x', headers: { ...headers, 'content-type': 'text/plain' } })],
      [frontend.invalid, await send('POST', tasks, { headers, body: {} })],
      ...(frontend.userInPath ? [[403, await send('GET', tasksOf('other'), { headers })] as const] : []),
    ] as const) {
      expect(answer.status).toBe(status);
      expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    }
  });

  it('is 503 with Retry-After without the database, and 500 when nobody knows why', async () => {
    let fault: Error = new Unavailable('The database is out of reach', 2);
    const fail = () => {
      throw fault;
    };
    const owned: OwnedTasks = { find: fail, list: fail, write: fail, removeAll: fail };
    const app = await checked(await startApp({ contract: atRoot, tasks: { ownedBy: () => owned } }));
    const headers = { origin: PAGE };
    for (const [method, path, options] of requests(tasksOf('u'), absent)) {
      fault = new Unavailable('The database is out of reach', 2);
      const unavailable = await app.as('u')(method, path, { ...options, headers });
      expect(unavailable).toMatchObject(error(503, 'service_unavailable', 'The database is out of reach'));
      expect(unavailable.headers.get('retry-after')).toBe('2');
      expect(unavailable.headers.get('access-control-allow-origin')).toBe(PAGE);
      fault = new Error('select secret from tasks');
      const unforeseen = await app.as('u')(method, path, { ...options, headers });
      expect(unforeseen).toMatchObject(error(500, 'internal_error'));
      expect(unforeseen.text).not.toContain('secret');
    }
    await app.close();
  });

  it('answers /health without a token', async () => {
    expect(await app.send('GET', `${prefix}/health`)).toMatchObject({
      status: 200,
      body: { status: 'ok', environment: 'dev', timestamp: expect.stringMatching(UTC) },
    });
  });
});

describe('one task under all contracts', () => {
  let app: RunningApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  const at = (frontend: Frontend, user: string) =>
    `/contracts/${frontend.name}/api/${frontend.userInPath ? `${user}/` : ''}tasks`;

  /** What two frontends show of the same task, apart from its ids and the name of its completion. */
  const same = (frontend: Frontend, task: Record<string, unknown>) => {
    const { user_id, title, description, created_at, updated_at } = task;
    return { user_id, title, description, created_at, updated_at, completed: task[frontend.completed] };
  };

  describe.each(FRONTENDS)('made under $name', (maker) => {
    it.each(FRONTENDS)('is read, changed, toggled and deleted under $name', async (reader) => {
      const user = aUser();
      const send = app.as(user);
      const [theirs, ours] = [at(maker, user), at(reader, user)];
      const title = '🛒'.repeat(maker.limits.title);
      const description = 'x'.repeat(maker.limits.description);
      const made = maker.taskIn((await send('POST', theirs, { body: { title, description } })).body);
      const [seen] = reader.tasksIn((await send('GET', ours)).body);
      expect(same(reader, seen)).toEqual(same(maker, made));
      const one = `${ours}/${seen.id}`;
      expect(reader.taskIn((await send('GET', one)).body)).toEqual(seen);

      for (const toggle of reader.toggles.slice(0, 1)) {
        expect(reader.taskIn((await send('PATCH', `${one}/${toggle}`)).body)).toMatchObject({
          id: seen.id,
          title,
          [reader.completed]: true,
        });
        await send('PATCH', `${one}/${toggle}`);
      }
      const changed = reader.taskIn((await send('PUT', one, { body: reader.put('Buy milk') })).body);
      const again = maker.taskIn((await send('GET', `${theirs}/${made.id}`)).body);
      expect(again.id).toBe(made.id);
      expect(same(maker, again)).toEqual(same(reader, changed));
      expect(again.title).toBe('Buy milk');

      expect((await send('DELETE', one)).status).toBe(reader.deleted.status);
      expect((await send('GET', `${theirs}/${made.id}`)).status).toBe(404);
    });
  });
});
