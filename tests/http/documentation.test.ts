import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';
import { FRONTENDS } from '../support/frontends.ts';
import { sendRaw } from '../support/raw-request.ts';
import { tokenFor } from '../support/running-app.ts';

const it = itWithApp({ contract: '003-backend-api' });

const PLACES = ['', ...FRONTENDS.map(({ name }) => `/contracts/${name}`)];

describe.each(PLACES)('the documentation at "%s"', (prefix) => {
  it('is an OpenAPI 3.1 document of the contract, and names this server', async ({ app }) => {
    const { status, body } = await app.send('GET', `${prefix}/openapi.json`);
    expect(status).toBe(200);
    expect(body.openapi).toMatch(/^3\.1\./);
    expect(body.info.title).toContain(prefix.split('/').at(-1) || '003-backend-api');
    expect(body.servers).toEqual([{ url: prefix || '/', description: expect.any(String) }]);
  });

  it.for(['/docs', '/redoc'])('has a page at %s that needs no other server', async (page, { app }) => {
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
  it.for<[contract: string, tasks: string, methods: Record<string, string[]>]>([
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
        '/stats': ['get'],
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
    [
      '001-todo-web-app',
      '/tasks',
      { '': ['get', 'post'], [ONE]: ['delete', 'get', 'put'], [`${ONE}/toggle`]: ['patch'] },
    ],
  ])('match %s', async ([contract, tasks, methods], { app }) => {
    const { body } = await app.send('GET', `/contracts/${contract}/openapi.json`);
    const found = Object.entries<object>(body.paths).map(([path, operations]) => [
      path,
      Object.keys(operations).sort(),
    ]);
    const expected = Object.entries(methods).map(([path, names]) => [`${tasks}${path}`, names]);
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries([
        ...expected,
        [`${tasks}/changes`, ['get']],
        [`${tasks}/events`, ['get']],
        ['/health', ['get']],
        ['/ready', ['get']],
      ]),
    );
  });

  it('have examples of their parameters, which Swagger UI sends only for those in the path', async ({ app }) => {
    const { body } = await app.send('GET', '/contracts/007-fastapi-backend/openapi.json');
    const { parameters } = body.paths['/api/{user_id}/tasks/{id}'].put;
    // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came back
    expect(parameters.map(({ name, example, schema }: any) => [name, example, schema.examples])).toEqual([
      ['user_id', 'demo', undefined],
      ['id', 42, undefined],
      ['If-Match', undefined, ['"3-89abcdef0123"']],
    ]);
  });

  it('have an example of an error that the request can get', async ({ app }) => {
    const { body } = await app.send('GET', '/contracts/007-fastapi-backend/openapi.json');
    const fault = (path: string, method: string) =>
      body.paths[path][method].responses['400'].content['application/json'].examples.validation_error.value.detail;
    expect(fault('/api/{user_id}/tasks', 'get')).toBe('status must be one of all, pending, completed');
    expect(fault('/api/{user_id}/tasks', 'post')).toBe('title must be 1 to 200 characters');
    expect(fault('/api/{user_id}/tasks/{id}', 'delete')).toMatch(/^id must be an integer/);
  });

  it('describe the allowed values', async ({ app }) => {
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

describe('an asset of the pages', () => {
  it('is cached by browsers and revalidated', async ({ app }) => {
    const first = await app.send('GET', '/docs/swagger-ui.css');
    expect(first.headers.get('cache-control')).toContain('max-age');
    // fetch would say no-cache of its own accord
    const headers = { 'if-none-match': first.headers.get('etag')!, 'cache-control': 'max-age=0' };
    expect((await app.send('GET', '/docs/swagger-ui.css', { headers })).status).toBe(304);
  });

  it.for(['package.json', '..%2f..%2fpackage.json', 'swagger-ui-bundle.js.LICENSE.txt', '%00', 'constructor'])(
    'is no other file on the disk: %s',
    async (file, { app }) => {
      expect((await app.send('GET', `/docs/${file}`)).status).toBe(404);
    },
  );
});

describe('the root', () => {
  it('shows people a page with links to every contract', async ({ app }) => {
    const { status, headers, text } = await app.send('GET', '/', {
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const { name } of FRONTENDS) expect(text).toContain(`href="/contracts/${name}/docs"`);
    expect(text).toContain(`curl -H "Authorization: Bearer $TOKEN" ${app.url}/api/demo/tasks`);
  });

  it('shows it whatever the letter case of the Accept header is', async ({ app }) => {
    const { headers } = await app.send('GET', '/', { headers: { accept: 'TEXT/HTML , */*;Q=0.1' } });
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  it('escapes the Host header in HTML', async ({ app }) => {
    const page = await sendRaw(
      app.url,
      'GET / HTTP/1.1\r\nHost: x"><script>alert(1)</script>\r\nAccept: text/html\r\nConnection: close\r\n\r\n',
    );
    expect(page).toContain('<h1>');
    expect(page).not.toContain('<script>');
  });

  it('answers programs in JSON', async ({ app }) => {
    for (const headers of [{}, { accept: 'application/json' }, { accept: '*/*' }]) {
      const { status, body } = await app.send('GET', '/', { headers });
      expect(status).toBe(200);
      expect(body).toMatchObject({ name: 'Taskwell', contract: '003-backend-api', openapi: '/openapi.json' });
      expect(body.contracts.map(({ name }: { name: string }) => name).sort()).toEqual(
        FRONTENDS.map(({ name }) => name).sort(),
      );
    }
  });

  it('does not show a command that production refuses', async ({ startApp }) => {
    const production = await startApp({ environment: 'production' });
    const { text } = await production.send('GET', '/', { headers: { accept: 'text/html' } });
    expect(text).toContain('curl');
    expect(text).not.toContain('npx taskwell token');
  });

  it('links only to pages that exist', async ({ app }) => {
    const { body } = await app.send('GET', '/');
    for (const { docs, redoc, openapi } of [body, ...body.contracts]) {
      for (const path of [docs, redoc, openapi]) expect((await app.send('GET', path)).status).toBe(200);
    }
  });
});

describe('an address that has no page', () => {
  it.for(['/nothing', '/contracts/nothing/docs', '/contracts/002-backend-api/nothing'])(
    'is a page for browsers and an error of the contract for programs: %s',
    async (path, { app }) => {
      const page = await app.send('GET', path, { headers: { accept: 'text/html,*/*;q=0.8' } });
      expect(page.status).toBe(404);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(page.text).toContain('<a href="/">start page</a>');
      const error = await app.send('GET', path, { headers: { accept: '*/*' } });
      expect(error.status).toBe(404);
      expect(error.headers.get('content-type')).toContain('application/json');
    },
  );

  it.for([
    '/api/tasks',
    '/api/nothing',
    '/contracts/002-backend-api/api/nothing',
    '/contracts/001-todo-web-app/tasks/1/nothing',
    '/contracts/001-todo-web-app/api/tasks',
  ])('is an error of the contract for everyone, at a path of its API: %s', async (path, { app }) => {
    const { status, headers } = await app.send('GET', path, { headers: { accept: 'text/html' } });
    expect(status).toBe(404);
    expect(headers.get('content-type')).toContain('application/json');
  });

  it('is an error of the contract if it is a task', async ({ app }) => {
    const headers = { accept: 'text/html', authorization: `Bearer ${tokenFor('demo')}` };
    const { status, body } = await app.send('GET', '/contracts/007-fastapi-backend/api/demo/tasks/1', { headers });
    expect({ status, error: body.error }).toMatchObject({ status: 404, error: expect.any(String) });
  });
});
