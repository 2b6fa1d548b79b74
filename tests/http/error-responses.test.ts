import { describe, expect } from 'vitest';
import { Unavailable } from '../../application/application-errors.ts';
import { itWithApp } from '../support/app-fixtures.ts';
import { failingTasks } from '../support/failing-tasks.ts';
import { sendRaw } from '../support/raw-request.ts';
import { PAGE, type RunningApp } from '../support/running-app.ts';

/** `startFaulty` starts an app whose store does the same whatever it is asked. */
const it = itWithApp().extend(
  'startFaulty',
  ({ startApp }) =>
    (fault: () => never): Promise<RunningApp> =>
      startApp({ tasks: failingTasks(fault) }),
);

describe('a request that fails', () => {
  it('because the database is unavailable gets 503 with Retry-After', async ({ startFaulty }) => {
    const app = await startFaulty(() => {
      throw new Unavailable('The database is out of reach', 2, { cause: new Error('secret detail') });
    });
    const answer = await app.as('u')('GET', '/api/u/tasks', { headers: { origin: PAGE } });
    expect(answer).toMatchObject({
      status: 503,
      body: { error: 'service_unavailable', detail: 'The database is out of reach' },
    });
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
  });

  it.for([
    [
      'an error',
      () => {
        throw new Error('relation "tasks" of k3JdP0 at db.internal');
      },
    ],
    [
      'an error with a status of its own',
      () => {
        throw Object.assign(new Error('teapot secret'), { status: 418, expose: true });
      },
    ],
    [
      'something that is no error',
      () => {
        throw 'text';
      },
    ],
  ])('because of %s gets 500 without details', async ([_, fault], { startFaulty }) => {
    const app = await startFaulty(fault as () => never);
    const answer = await app.as('u')('GET', '/api/u/tasks', { headers: { origin: PAGE } });
    expect(answer).toMatchObject({ status: 500, body: { error: 'internal_error' } });
    expect(answer.text).not.toMatch(/tasks|k3JdP0|internal\.|secret|text/);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(app.logged.join('')).toContain('"level":"error"');
  });

  it.for([
    [400, 'the target is no path', 'GET http://[::1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    [400, 'the target has no path', 'GET https:// HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    [400, 'it names no host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'],
    [400, 'it names two hosts', 'GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n'],
    [
      417,
      'it expects what nobody knows',
      'GET /health HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n',
    ],
  ] as const)('gets %d in JSON: %s', async ([status, _, request], { app }) => {
    expect(await sendRaw(app.url, request)).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} .*application/json.*"detail"`, 's'),
    );
  });

  it('is answered if it expects 100-Continue and closes, in any letter case', async ({ app }) => {
    const request = 'GET /health HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nConnection: Close\r\n\r\n';
    expect(await sendRaw(app.url, request)).toMatch(/HTTP\/1\.1 200 /);
  });

  it('is answered without a host in HTTP/1.0', async ({ app }) => {
    expect(await sendRaw(app.url, 'GET /health HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('gets 400 in JSON if it is not HTTP, and 431 in JSON if its headers are too large', async ({ app }) => {
    expect(await sendRaw(app.url, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*application\/json.*"detail"/s);
    const flood = `GET / HTTP/1.1\r\nHost: x\r\nX-Flood: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await sendRaw(app.url, flood)).toMatch(/^HTTP\/1\.1 431 .*application\/json.*"detail"/s);
    expect((await app.send('GET', '/health')).status).toBe(200);
  });
});
