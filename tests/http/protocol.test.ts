import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Unavailable } from '../../application/errors.ts';
import type { OwnedTasks } from '../../application/ports/task-repository.ts';
import { aUser } from '../support/builders.ts';
import { PAGE, type RunningApp, SECRET, startApp, tokenFor } from '../support/running-app.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const JSON_TYPE = { 'content-type': 'application/json' };

describe('a request without proof of who sends it', () => {
  const now = Math.floor(Date.now() / 1000);
  const [header, payload, signature] = tokenFor('u').split('.');

  it('is 401 and asks for a Bearer token', async () => {
    const answer = await app.send('GET', '/api/u/tasks');
    expect(answer).toMatchObject({ status: 401, body: { error: 'unauthorized', detail: expect.any(String) } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it.each([
    ['no token', 'Bearer'],
    ['Bearer twice', `Bearer Bearer ${tokenFor('u')}`],
    ['an opaque session token', 'Bearer k3JdP0sXq9Lm2Tn5Vw8Yz1Bc4Df7Gh0J'],
    ['a signed session token', 'Bearer k3JdP0sXq9Lm2Tn5.Vw8Yz1Bc4Df7Gh0J%3D'],
    ['another secret', `Bearer ${tokenFor('u').slice(0, -4)}AAAA`],
    ['an expired token', `Bearer ${tokenFor('u', { iat: now - 100, exp: now - 10 })}`],
    [
      'a token of another user under the same signature',
      `Bearer ${header}.${Buffer.from('{"sub":"u"}').toString('base64url')}.${signature}`,
    ],
    ['alg none', `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`],
    ['HS512', `Bearer ${tokenFor('u', {}, { algorithm: 'HS512' })}`],
    ['no sub', `Bearer ${tokenFor('u', { sub: undefined, userId: 'u' })}`],
    ['an empty sub', `Bearer ${tokenFor('')}`],
    ['a sub of 256 characters', `Bearer ${tokenFor('u'.repeat(256))}`],
    ['U+0000 in sub', `Bearer ${tokenFor('u\0')}`],
    ['a token that is not valid yet', `Bearer ${tokenFor('u', { nbf: now + 60 })}`],
    ['a token from the future', `Bearer ${tokenFor('u', { iat: now + 60 })}`],
    ['a token for 31 days', `Bearer ${tokenFor('u', { exp: now + 31 * 86_400 })}`],
    ['a token of 9 KiB', `Bearer ${tokenFor('u', { image: 'x'.repeat(7 * 1024) })}`],
    ['a crit header', `Bearer ${tokenFor('u', {}, { header: { alg: 'HS256', crit: ['exp'] } })}`],
  ])('is 401 with %s, and says so to programs', async (_, authorization) => {
    const answer = await app.send('GET', '/api/u/tasks', { headers: { authorization } });
    expect(answer).toMatchObject({ status: 401, body: { error: 'unauthorized', detail: expect.any(String) } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", error_description="[^"]+"$/);
    expect(answer.text).not.toContain(SECRET);
  });

  it('is not told of an invalid token when it comes with another scheme', async () => {
    const answer = await app.send('GET', '/api/u/tasks', { headers: { authorization: 'Basic dTpw' } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('is logged as a security event with its reason, and so is one for the path of another user', async () => {
    const app = await startApp();
    const headers = { authorization: `Bearer ${tokenFor('u', { exp: 1 })}`, 'x-request-id': 'r1' };
    await app.send('GET', '/api/u/tasks', { headers });
    await app.as('u')('GET', '/api/other/tasks', { headers: { 'x-request-id': 'r2' } });
    await app.close();
    const events = app.logged.map((line) => JSON.parse(line)).filter(({ event }) => event);
    expect(events).toMatchObject([
      { level: 'warn', event: 'auth.failed', request_id: 'r1', reason: 'the token has expired' },
      { level: 'warn', event: 'access.user_mismatch', request_id: 'r2', user_id: 'u' },
    ]);
    expect(app.logged.join('')).not.toContain('eyJ');
  });

  it('is 401 without an expiry', async () => {
    const eternal = tokenFor('u', { exp: undefined });
    expect((await app.send('GET', '/api/u/tasks', { headers: { authorization: `Bearer ${eternal}` } })).status).toBe(
      401,
    );
  });

  it('is let in whatever the letter case of the scheme', async () => {
    const headers = { authorization: `bEARER ${tokenFor('u')}` };
    expect((await app.send('GET', '/api/u/tasks', { headers })).status).toBe(200);
  });

  it('is 401 with two Authorization headers, even if one of them would do', async () => {
    const answer = await raw(
      `GET /api/u/tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${`Authorization: Bearer ${tokenFor('u')}\r\n`.repeat(2)}\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('is 401 before its body is looked at (%s)', async (method) => {
    const path = { POST: '', PUT: '/1', PATCH: '/1/complete', DELETE: '/1' }[method];
    expect((await app.send(method, `/api/u/tasks${path}`, { body: '{', headers: JSON_TYPE })).status).toBe(401);
  });
});

describe('a body', () => {
  const post = async (body: string | Uint8Array | undefined, headers: Record<string, string> = {}) => {
    const user = aUser();
    return app.as(user)('POST', `/api/${user}/tasks`, { body, headers });
  };

  it.each([
    '{',
    '{"title": "x"',
    "{'title': 'x'}",
    'title=x',
    '"text"',
    '5',
    'true',
    'null',
    '[]',
    '[{"title":"x"}]',
    ' ',
  ])('that is not a JSON object is 400: %s', async (body) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      body: { error: 'invalid_json', detail: 'The body must be a JSON object' },
    });
  });

  it('that is not there is not invalid JSON', async () => {
    expect(await post(undefined)).toMatchObject({
      status: 400,
      body: { error: 'validation_error', detail: 'title is required' },
    });
  });

  it.each(['GET', 'PATCH', 'DELETE'])('is not missed by %s, whatever the content type says', async (method) => {
    const user = aUser();
    const send = app.as(user);
    await send('POST', `/api/${user}/tasks`, { body: { title: 'Buy groceries' } });
    const path = `/api/${user}/tasks/1${method === 'PATCH' ? '/complete' : ''}`;
    expect((await send(method, path, { headers: JSON_TYPE })).status).toBe(200);
    expect((await send(method, path, { headers: { 'content-length': '0' } })).status).toBe(
      method === 'DELETE' ? 404 : 200,
    );
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml'])(
    'of the type %s is 415',
    async (type) => {
      expect(await post('{"title":"x"}', { 'content-type': type })).toMatchObject({
        status: 415,
        body: { error: 'unsupported_media_type', detail: expect.stringContaining('application/json') },
      });
    },
  );

  it.each([
    ['a byte that no UTF-8 has', Buffer.from([0xff])],
    ['a character that is cut off', Buffer.from('🛒').subarray(0, 3)],
    ['Latin-1', Buffer.from('é', 'latin1')],
  ])('with %s is refused, not mended', async (_, bytes) => {
    const body = Buffer.concat([Buffer.from('{"title":"x'), bytes, Buffer.from('"}')]);
    expect(await post(body)).toMatchObject({
      status: 400,
      body: { error: 'invalid_json', detail: 'The body must be UTF-8' },
    });
  });

  it('may hold U+FFFD itself', async () => {
    expect(await post('{"title":"\ufffd"}')).toMatchObject({ status: 201, body: { title: '\ufffd' } });
  });

  it.each(['iso-8859-1', 'utf-16', 'klingon'])('in the charset %s is 415', async (charset) => {
    expect((await post('{"title":"x"}', { 'content-type': `application/json; charset=${charset}` })).status).toBe(415);
  });

  it('of no length and no type is none', async () => {
    const authorization = `Authorization: Bearer ${tokenFor('chunked')}`;
    const create = await raw(
      `POST /api/chunked/tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${authorization}\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"title":"x"}`,
    );
    expect(create).toMatch(/^HTTP\/1\.1 201 /);
    const toggle = await raw(
      `PATCH /api/chunked/tasks/1/complete HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${authorization}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    );
    expect(toggle).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('may name its charset', async () => {
    expect((await post('{"title":"x"}', { 'content-type': 'application/json; charset=utf-8' })).status).toBe(201);
  });

  it('of 1 MiB is read, and of a byte more is 413', async () => {
    const json = (size: number) => `{"title":"x","ignored":"${'x'.repeat(size - 26)}"}`;
    expect(json(1024 * 1024)).toHaveLength(1024 * 1024);
    expect((await post(json(1024 * 1024))).status).toBe(201);
    expect(await post(json(1024 * 1024 + 1))).toMatchObject({
      status: 413,
      body: { error: 'payload_too_large', detail: 'The body must be at most 1 MiB' },
    });
  });

  it('is measured after decompression', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    expect((await post(gzipSync('{"title":"x"}'), gzip)).status).toBe(201);
    expect((await post(gzipSync(`{"title":"${'x'.repeat(2 * 1024 * 1024)}"}`), gzip)).status).toBe(413);
    expect((await post('not gzip', gzip)).status).toBe(400);
    expect((await post('{"title":"x"}', { 'content-encoding': 'zstd' })).status).toBe(415);
  });

  it('cannot reach the prototype of anything', async () => {
    const { status, body } = await post(
      '{"title":"x","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    );
    expect(status).toBe(201);
    expect(body.polluted).toBeUndefined();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('of brackets within brackets is refused and brings nobody down', async () => {
    expect((await post('['.repeat(500_000))).status).toBe(400);
    expect((await post(`{"title":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).status).toBe(400);
  });
});

describe('a page of another origin', () => {
  const page = { origin: PAGE };

  it('may ask beforehand, without a token, for every method', async () => {
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

  it.each([
    [401, 'GET', '/api/u/tasks', {}],
    [403, 'GET', '/api/other/tasks', { authorization: `Bearer ${tokenFor('u')}` }],
    [404, 'GET', '/nope', {}],
    [404, 'GET', '/api/u/tasks/1', { authorization: `Bearer ${tokenFor('u')}` }],
    [405, 'DELETE', '/api/u/tasks', {}],
    [200, 'GET', '/api/u/tasks', { authorization: `Bearer ${tokenFor('u')}` }],
  ])('sees an answer of %d', async (status, method, path, headers) => {
    const answer = await app.send(method, path, { headers: { ...page, ...headers } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(answer.headers.get('vary')).toMatch(/origin/i);
  });

  it('that nobody named sees nothing', async () => {
    const answer = await app.send('GET', '/health', { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  });
});

describe('an answer', () => {
  it('tells the id of its request: the one given, when it is sane', async () => {
    const given = await app.send('GET', '/health', { headers: { 'x-request-id': 'req-7.a:b' } });
    expect(given.headers.get('x-request-id')).toBe('req-7.a:b');
    for (const insane of ['a b', 'x'.repeat(129), '<script>']) {
      const made = await app.send('GET', '/nope', { headers: { 'x-request-id': insane } });
      expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('is for its reader alone', async () => {
    for (const path of ['/health', '/nope', '/api/u/tasks']) {
      const { headers } = await app.send('GET', path);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-frame-options')).toBe('DENY');
    }
  });
});

describe('what cannot be answered', () => {
  /** An app whose store does the same whatever it is asked. */
  async function over(fault: () => never): Promise<RunningApp> {
    const owned: OwnedTasks = { find: fault, list: fault, write: fault, removeAll: fault };
    return startApp({ tasks: { ownedBy: () => owned } });
  }

  it('for want of the database is 503, and says when to try again', async () => {
    const app = await over(() => {
      throw new Unavailable('The database is out of reach', 2, { cause: new Error('secret detail') });
    });
    const answer = await app.as('u')('GET', '/api/u/tasks', { headers: { origin: PAGE } });
    expect(answer).toMatchObject({
      status: 503,
      body: { error: 'service_unavailable', detail: 'The database is out of reach' },
    });
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    await app.close();
  });

  it.each([
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
  ])('because of %s is 500 and tells nothing', async (_, fault) => {
    const app = await over(fault as () => never);
    const answer = await app.as('u')('GET', '/api/u/tasks', { headers: { origin: PAGE } });
    expect(answer).toMatchObject({ status: 500, body: { error: 'internal_error' } });
    expect(answer.text).not.toMatch(/tasks|k3JdP0|internal\.|secret|text/);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(app.logged.join('')).toContain('"level":"error"');
    await app.close();
  });

  it.each([
    [400, 'the target is no path', 'GET http://[::1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    [400, 'it names no host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'],
    [400, 'it names two hosts', 'GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n'],
    [
      417,
      'it expects what nobody knows',
      'GET /health HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n',
    ],
  ])('is %d where %s, in JSON', async (status, _, request) => {
    expect(await raw(request)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*application/json.*"detail"`, 's'));
  });

  it('is answered without a host in HTTP/1.0', async () => {
    expect(await raw('GET /health HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('because it is no HTTP is 400, because of its headers 431, both in JSON', async () => {
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*application\/json.*"detail"/s);
    const flood = `GET / HTTP/1.1\r\nHost: x\r\nX-Flood: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(flood)).toMatch(/^HTTP\/1\.1 431 .*application\/json.*"detail"/s);
    expect((await app.send('GET', '/health')).status).toBe(200);
  });
});

describe('the log', () => {
  it('has a line for each answer, by its route and its user, without a token, a secret or what was written', async () => {
    const app = await startApp();
    const send = app.as('ann');
    await send('POST', '/api/ann/tasks', {
      body: { title: 'a surprise party', description: 'for Bob' },
      headers: { 'x-request-id': 'r1' },
    });
    await send('POST', '/api/ann/tasks', { body: '{"title": "a surprise', headers: { 'x-request-id': 'r2' } });
    await send('GET', '/api/ann/tasks?status=surprise', { headers: { 'x-request-id': 'r3' } });
    await app.close();
    const lines = app.logged.map((line) => JSON.parse(line));
    expect(lines.find(({ request_id }) => request_id === 'r1')).toMatchObject({
      level: 'info',
      method: 'POST',
      route: '/api/:user_id/tasks',
      status: 201,
      duration_ms: expect.any(Number),
      user_id: 'ann',
    });
    expect(lines.map(({ status }) => status)).toEqual([201, 400, 400]);
    expect(app.logged.join('')).not.toMatch(/surprise|Bob|Bearer|eyJ/);
  });
});

/** Sends bytes as they are and gives back all that comes. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(bytes);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}
