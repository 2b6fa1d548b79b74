import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FRONTENDS } from '../support/frontends.ts';
import { type RunningApp, startApp } from '../support/running-app.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp({ contract: '003-backend-api' });
});
afterAll(() => app.close());

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly examples: object }>> }>
  >;
}

const PLACES = ['', ...FRONTENDS.map(({ name }) => `/contracts/${name}`)];

describe.each(PLACES)('the documentation at "%s"', (prefix) => {
  it('is OpenAPI 3.1 of the contract there, and names this server', async () => {
    const { status, body } = await app.send('GET', `${prefix}/openapi.json`);
    expect(status).toBe(200);
    expect(body.openapi).toMatch(/^3\.1\./);
    expect(body.info.title).toContain(prefix.split('/').at(-1) || '003-backend-api');
    expect(body.servers).toEqual([{ url: prefix || '/', description: expect.any(String) }]);
  });

  it('has its requests, each with a summary, an id of its own and an example for every status', async () => {
    const { body } = await app.send('GET', `${prefix}/openapi.json`);
    const operations = Object.values<Record<string, Operation>>(body.paths).flatMap((path) => Object.values(path));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { summary, description, responses } of operations) {
      expect(summary).not.toBe('');
      expect(description).not.toBe('');
      for (const [status, { content }] of Object.entries(responses)) {
        if (status !== '204') expect(Object.keys(content?.['application/json']?.examples ?? {})).not.toEqual([]);
      }
    }
  });

  it.each(['/docs', '/redoc'])('is a page of this server alone at %s', async (page) => {
    const { status, headers, text } = await app.send('GET', `${prefix}${page}`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe-eval');
    expect(text).toContain(`data-openapi="${prefix}/openapi.json"`);
    expect(text).not.toMatch(/https?:\/\//);
    const parts = [...text.matchAll(/(?:src|href)="([^"]+\.(?:js|css|json))"/g)].map(([, path]) => path!);
    expect(parts.length).toBeGreaterThanOrEqual(3);
    for (const path of parts) {
      const part = await app.send('GET', path);
      expect(part.status).toBe(200);
      expect(part.headers.get('content-type')).toMatch(/javascript|css|json/);
    }
  });
});

describe('the paths and methods of the documentation', () => {
  const ONE = '/{id}';
  it.each<[contract: string, tasks: string, methods: Record<string, string[]>]>([
    [
      '007-fastapi-backend',
      '/api/{user_id}/tasks',
      { '': ['get', 'post'], [ONE]: ['delete', 'get', 'put'], [`${ONE}/complete`]: ['patch'] },
    ],
    ['003-backend-api', '/api/{user_id}/tasks', { '': ['get', 'post'], [ONE]: ['delete', 'get', 'patch', 'put'] }],
    [
      '002-todo-backend-auth',
      '/api/{user_id}/tasks',
      { '': ['get', 'post'], [ONE]: ['delete', 'get', 'put'], [`${ONE}/complete`]: ['patch'] },
    ],
    [
      '1-backend-integration',
      '/api/tasks',
      {
        '': ['get', 'post'],
        [ONE]: ['delete', 'get', 'put'],
        [`${ONE}/complete`]: ['patch'],
        [`${ONE}/toggle-complete`]: ['patch'],
      },
    ],
    [
      '002-backend-api',
      '/api/tasks',
      { '': ['get', 'post'], [ONE]: ['delete', 'get', 'put'], [`${ONE}/toggle`]: ['patch'] },
    ],
  ])('are those of %s', async (contract, tasks, methods) => {
    const { body } = await app.send('GET', `/contracts/${contract}/openapi.json`);
    const found = Object.entries<object>(body.paths).map(([path, operations]) => [
      path,
      Object.keys(operations).sort(),
    ]);
    const expected = Object.entries(methods).map(([path, names]) => [`${tasks}${path}`, names]);
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries([...expected, ['/health', ['get']], ['/ready', ['get']]]),
    );
  });

  it('fill in what a person would have to type', async () => {
    const { body } = await app.send('GET', '/contracts/007-fastapi-backend/openapi.json');
    const { parameters } = body.paths['/api/{user_id}/tasks/{id}'].get;
    expect(parameters.map(({ name, example }: { name: string; example: unknown }) => [name, example])).toEqual([
      ['user_id', 'demo'],
      ['id', 42],
    ]);
  });

  it('show a fault that the request can have', async () => {
    const { body } = await app.send('GET', '/contracts/007-fastapi-backend/openapi.json');
    const fault = (path: string, method: string) =>
      body.paths[path][method].responses['400'].content['application/json'].examples.validation_error.value.detail;
    expect(fault('/api/{user_id}/tasks', 'get')).toBe('status must be one of all, pending, completed');
    expect(fault('/api/{user_id}/tasks', 'post')).toBe('title must be 1 to 200 characters');
    expect(fault('/api/{user_id}/tasks/{id}', 'delete')).toMatch(/^id must be an integer/);
  });

  it('tell what a value has to be', async () => {
    const { body } = await app.send('GET', '/contracts/007-fastapi-backend/openapi.json');
    const { parameters } = body.paths['/api/{user_id}/tasks'].get;
    expect(parameters.find(({ name }: { name: string }) => name === 'status').schema.enum).toEqual([
      'all',
      'pending',
      'completed',
    ]);
    const { schema } = body.paths['/api/{user_id}/tasks'].post.requestBody.content['application/json'];
    expect(schema).toMatchObject({
      required: ['title'],
      properties: { title: { type: 'string', minLength: 1, maxLength: 200 } },
    });
    expect(
      body.paths['/api/{user_id}/tasks/{id}'].put.requestBody.content['application/json'].schema.additionalProperties,
    ).toBe(false);
    expect(body.components.securitySchemes.bearer).toMatchObject({ type: 'http', scheme: 'bearer' });
  });
});

describe('a part of the pages', () => {
  it('is kept by browsers, and asked for again only to see whether it changed', async () => {
    const first = await app.send('GET', '/docs/swagger-ui.css');
    expect(first.headers.get('cache-control')).toContain('max-age');
    // fetch would say no-cache of its own accord
    const headers = { 'if-none-match': first.headers.get('etag')!, 'cache-control': 'max-age=0' };
    expect((await app.send('GET', '/docs/swagger-ui.css', { headers })).status).toBe(304);
  });

  it.each(['package.json', '..%2f..%2fpackage.json', 'swagger-ui-bundle.js.LICENSE.txt', '%00', 'constructor'])(
    'is nothing else that lies on the disk: %s',
    async (file) => {
      expect((await app.send('GET', `/docs/${file}`)).status).toBe(404);
    },
  );
});

describe('the root', () => {
  it('tells a person what this is and where to go', async () => {
    const { status, headers, text } = await app.send('GET', '/', {
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const { name } of FRONTENDS) expect(text).toContain(`href="/contracts/${name}/docs"`);
    expect(text).toContain(`curl -H "Authorization: Bearer $TOKEN" ${app.url}/api/demo/tasks`);
  });

  it('takes nothing of the Host header for HTML', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.end(
      'GET / HTTP/1.1\r\nHost: x"><script>alert(1)</script>\r\nAccept: text/html\r\nConnection: close\r\n\r\n',
    );
    let page = '';
    for await (const chunk of socket) page += chunk;
    expect(page).toContain('<h1>');
    expect(page).not.toContain('<script>');
  });

  it('tells a program the same', async () => {
    for (const headers of [{}, { accept: 'application/json' }, { accept: '*/*' }]) {
      const { status, body } = await app.send('GET', '/', { headers });
      expect(status).toBe(200);
      expect(body).toMatchObject({ name: 'Taskwell', contract: '003-backend-api', openapi: '/openapi.json' });
      expect(body.contracts.map(({ name }: { name: string }) => name).sort()).toEqual(
        FRONTENDS.map(({ name }) => name).sort(),
      );
    }
  });

  it('tells of no command that production refuses', async () => {
    const production = await startApp({ environment: 'production' });
    const { text } = await production.send('GET', '/', { headers: { accept: 'text/html' } });
    await production.close();
    expect(text).toContain('curl');
    expect(text).not.toContain('npx taskwell token');
  });

  it('leads nowhere that there is not', async () => {
    const { body } = await app.send('GET', '/');
    for (const { docs, redoc, openapi } of [body, ...body.contracts]) {
      for (const path of [docs, redoc, openapi]) expect((await app.send('GET', path)).status).toBe(200);
    }
  });
});
