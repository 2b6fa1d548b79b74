import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';
import { PAGE, type RunningApp, tokenFor } from '../support/running-app.ts';

const it = itWithApp();

const preflight = (app: RunningApp, headers: Record<string, string>) =>
  app.send('OPTIONS', '/api/u/tasks', {
    headers: { origin: PAGE, 'access-control-request-method': 'PUT', ...headers },
  });

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

  it('may send any request headers, as libraries for tracing do', async ({ app }) => {
    const asked = 'authorization, sentry-trace,baggage ,traceparent,tracestate,x-requested-with,x-My_own.header';
    const answer = await preflight(app, { 'access-control-request-headers': asked });
    expect(answer.headers.get('access-control-allow-headers')).toBe(asked.replace(/ /g, ''));
    expect(answer.headers.get('vary')).toMatch(/access-control-request-headers/i);
  });

  it('is told no more headers than browsers ask for, and nothing that is no name', async ({ app }) => {
    const many = Array.from({ length: 200 }, (_, n) => `x-${n}`);
    const asked = ['a b', '', '"quoted"', 'x:y', 'ключ', 'x'.repeat(101), ...many].join(',');
    const answer = await preflight(app, { 'access-control-request-headers': Buffer.from(asked).toString('latin1') });
    expect(answer.headers.get('access-control-allow-headers')).toBe(many.slice(0, 100).join(','));
  });

  it('that is not configured is logged once, and only if debug lines are', async ({ startApp }) => {
    const app = await startApp({ logLevel: 'debug' });
    for (const origin of ['https://evil.example', PAGE, 'https://evil.example', app.url, 'null']) {
      await app.send('GET', '/health', { headers: { origin } });
    }
    for (let n = 0; n < 200; n += 1) {
      await app.send('GET', '/health', { headers: { origin: `https://${n}.example${'x'.repeat(1000)}` } });
    }
    await app.close();
    const lines = app.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg.startsWith('CORS_ORIGINS'));
    expect(lines.slice(0, 2)).toMatchObject([
      { level: 'debug', origin: 'https://evil.example' },
      { level: 'debug', origin: 'null' },
    ]);
    expect(lines).toHaveLength(100);
    expect(lines.every(({ origin }) => origin.length <= 200)).toBe(true);
  });

  it('that is not configured is told no headers in a preflight response', async ({ app }) => {
    const answer = await preflight(app, {
      origin: 'https://evil.example',
      'access-control-request-headers': 'baggage',
    });
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('that is not configured can read nothing', async ({ app }) => {
    const answer = await app.send('GET', '/health', { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  });
});
