import { describe, expect } from 'vitest';
import { PLACES } from '../support/contract-places.ts';
import { tasksPath } from '../support/frontends.ts';

interface Limited {
  readonly maxLength?: number;
  readonly anyOf?: readonly Limited[];
}

describe.each(PLACES)('$frontend.name at "$prefix"', ({ frontend, prefix, it, requests, requestsTo, error }) => {
  it.for(['{', '[]', '"text"', 'null', '7', 'title=x'])(
    'answers 400 to the body %s, whatever status it has for invalid values',
    async (body, { signIn }) => {
      const { send, tasks, create } = signIn();
      const { id } = await create();
      for (const [method, path] of requests(tasks, id).filter(([, , options]) => options.body !== undefined)) {
        expect(await send(method, path, { body })).toMatchObject(
          error(400, 'invalid_json', 'The body must be a JSON object'),
        );
      }
    },
  );

  it('answers 415 to a body of another type, and 413 to one over 1 MiB, on every route with a body', async ({
    signIn,
  }) => {
    const { send, tasks, create } = signIn();
    const { id } = await create();
    for (const [method, path] of requests(tasks, id).filter(([method]) => method.startsWith('P'))) {
      const text = { body: 'x', headers: { 'content-type': 'text/plain' } };
      expect(await send(method, path, text)).toMatchObject(error(415, 'unsupported_media_type'));
      const large = { body: { title: 'x', ignored: 'x'.repeat(1024 * 1024) } };
      expect(await send(method, path, large)).toMatchObject(error(413, 'payload_too_large'));
    }
  });

  it('documents the limits of every body, and examples that it accepts', async ({ app, signIn }) => {
    const { send, tasks, create } = signIn();
    const { id } = await create();
    const { body: document } = await app.send('GET', `${prefix}/openapi.json`);
    const templates = { [tasks]: tasksPath(frontend, '{user_id}') };
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

  it('treats a missing body as an empty object', async ({ signIn }) => {
    const { send, tasks } = signIn();
    expect(await send('POST', tasks)).toMatchObject(
      error(frontend.invalid, 'validation_error', 'title is required', {
        field: 'title',
        max_length: frontend.limits.title,
      }),
    );
  });

  it.for<[given: unknown, rule: (limit: number) => string]>([
    ['', (limit) => `must be 1 to ${limit} characters`],
    [' \t\u3000', (limit) => `must be 1 to ${limit} characters`],
    ['\u200b\u2800', (limit) => `must be 1 to ${limit} characters`],
    ['a\0b', () => 'must be valid Unicode text without U+0000'],
    ['a\ud83d', () => 'must be valid Unicode text without U+0000'],
    [5, () => 'must be a string'],
    [true, () => 'must be a string'],
    [['x'], () => 'must be a string'],
  ])('refuses the title %j', async ([given, rule], { signIn }) => {
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

  it('accepts a title and a description up to its limits in code points, on every route with a body', async ({
    signIn,
  }) => {
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

  it('names all invalid fields in one sentence', async ({ signIn }) => {
    const { send, tasks } = signIn();
    const { limits, invalid } = frontend;
    expect(await send('POST', tasks, { body: { title: null, description: 5 } })).toMatchObject(
      error(invalid, 'validation_error', 'title must be a string; description must be a string', {
        field: 'title',
        max_length: limits.title,
      }),
    );
  });

  it.for(['abc', '0', '-1', '1.5', '%00', '0192f1a0-7b1c-7def-8abc', '9'.repeat(40)])(
    'refuses the id %s',
    async (id, { signIn }) => {
      const { send, tasks } = signIn();
      const rule = frontend.id === 'uuid' ? 'id must be a UUID' : 'id must be an integer from 1 to 9007199254740991';
      for (const [method, path, options] of requestsTo(`${tasks}/${id}`)) {
        expect(await send(method, path, options)).toMatchObject(
          error(frontend.invalid, 'validation_error', rule, { field: 'id' }),
        );
      }
    },
  );

  it.for([
    ['', 'limit', '5'],
    ['', 'cursor', 'x'],
    ['', 'count', 'true'],
    ['', 'q', 'milk'],
    ['', 'status', 'completed'],
    ['', 'sort', 'title'],
    ['/changes', 'limit', '5'],
    ['/changes', 'since', 'x'],
  ] as const)('refuses a list%s whose parameter %s is given twice', async ([path, name, value], { signIn }) => {
    const { send, tasks } = signIn();
    const once = `${name} may be given only once`;
    const ask = (query: string) => send('GET', `${tasks}${path}?${query}`);
    const refused = (detail: string) => error(frontend.invalid, 'validation_error', detail, { field: name });
    expect(await ask(`${name}=${value}&${name}=${value}`)).toMatchObject(refused(once));
    expect(await ask(`${name}=&${name}=&${name}=`)).toMatchObject(refused(once));
    expect((await ask(`utm=1&utm=2`)).status).toBe(200);
  });

  it('names a parameter that is given twice together with the other faults', async ({ signIn }) => {
    const { send, tasks } = signIn();
    const { body } = await send('GET', `${tasks}?limit=5&limit=5&sort=newest`);
    expect(JSON.stringify(body)).toContain('sort must be one of created, title; limit may be given only once');
  });

  it('refuses an id of the other kind', async ({ signIn }) => {
    const { send, tasks } = signIn();
    const other = frontend.id === 'uuid' ? '1' : '0192f1a0-7b1c-7def-8abc-0123456789ab';
    expect((await send('GET', `${tasks}/${other}`)).status).toBe(frontend.invalid);
  });
});
