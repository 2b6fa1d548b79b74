import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';
import { PAGE, tokenFor } from '../support/running-app.ts';

const it = itWithApp();

describe('a page of another origin', () => {
  const page = { origin: PAGE };

  it('may send a preflight request for every method without a token', async ({ app }) => {
    const answer = await app.send('OPTIONS', '/api/u/tasks', {
      headers: {
        ...page,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    const methods = answer.headers.get('access-control-allow-methods')?.split(',');
    expect(methods).toEqual(expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']));
    const headers = answer.headers.get('access-control-allow-headers')?.toLowerCase().split(',');
    expect(headers).toEqual(expect.arrayContaining(['authorization', 'content-type']));
  });

  it.for([
    [401, 'GET', '/api/u/tasks', {}],
    [403, 'GET', '/api/other/tasks', { authorization: `Bearer ${tokenFor('u')}` }],
    [404, 'GET', '/nope', {}],
    [404, 'GET', '/api/u/tasks/1', { authorization: `Bearer ${tokenFor('u')}` }],
    [405, 'DELETE', '/api/u/tasks', {}],
    [200, 'GET', '/api/u/tasks', { authorization: `Bearer ${tokenFor('u')}` }],
  ] as const)('can read a response of %d', async ([status, method, path, headers], { app }) => {
    const answer = await app.send(method, path, { headers: { ...page, ...headers } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(answer.headers.get('vary')).toMatch(/origin/i);
  });

  it('that is not configured can read nothing', async ({ app }) => {
    const answer = await app.send('GET', '/health', { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  });
});
