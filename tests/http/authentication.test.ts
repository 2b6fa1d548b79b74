import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';
import { sendRaw } from '../support/raw-request.ts';
import { SECRET, tokenFor } from '../support/running-app.ts';

const it = itWithApp();

describe('a request without a valid token', () => {
  const now = Math.floor(Date.now() / 1000);
  const [header, payload, signature] = tokenFor('u').split('.');

  it('gets 401 and a challenge for a Bearer token', async ({ app }) => {
    const answer = await app.send('GET', '/api/u/tasks');
    expect(answer).toMatchObject({ status: 401, body: { error: 'unauthorized', detail: expect.any(String) } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it.for([
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
    ['a token that is not valid yet', `Bearer ${tokenFor('u', { nbf: now + 600 })}`],
    ['a token from the future', `Bearer ${tokenFor('u', { iat: now + 600 })}`],
    ['a token for 31 days', `Bearer ${tokenFor('u', { exp: now + 31 * 86_400 })}`],
    ['a token of 9 KiB', `Bearer ${tokenFor('u', { image: 'x'.repeat(7 * 1024) })}`],
    ['a crit header', `Bearer ${tokenFor('u', {}, { header: { alg: 'HS256', crit: ['exp'] } })}`],
  ] as const)('gets 401 with %s, and an error code for programs', async ([_, authorization], { app }) => {
    const answer = await app.send('GET', '/api/u/tasks', { headers: { authorization } });
    expect(answer).toMatchObject({ status: 401, body: { error: 'unauthorized', detail: expect.any(String) } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", error_description="[^"]+"$/);
    expect(answer.text).not.toContain(SECRET);
  });

  it('gets no error code for a token when it uses another scheme', async ({ app }) => {
    const answer = await app.send('GET', '/api/u/tasks', { headers: { authorization: 'Basic dTpw' } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('is logged as a security event with the reason, as is a request for the path of another user', async ({
    startApp,
  }) => {
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

  it('gets 401 for a token without an expiry', async ({ app }) => {
    const eternal = tokenFor('u', { exp: undefined });
    expect((await app.send('GET', '/api/u/tasks', { headers: { authorization: `Bearer ${eternal}` } })).status).toBe(
      401,
    );
  });

  it('is accepted in any letter case of the scheme', async ({ app }) => {
    const headers = { authorization: `bEARER ${tokenFor('u')}` };
    expect((await app.send('GET', '/api/u/tasks', { headers })).status).toBe(200);
  });

  it('gets 401 with two Authorization headers, even if one of them is valid', async ({ app }) => {
    const answer = await sendRaw(
      app.url,
      `GET /api/u/tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${`Authorization: Bearer ${tokenFor('u')}\r\n`.repeat(2)}\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.for(['POST', 'PUT', 'PATCH', 'DELETE'])('gets 401 before its body is read (%s)', async (method, { app }) => {
    const path = { POST: '', PUT: '/1', PATCH: '/1/complete', DELETE: '/1' }[method];
    expect(
      (await app.send(method, `/api/u/tasks${path}`, { body: '{', headers: { 'content-type': 'application/json' } }))
        .status,
    ).toBe(401);
  });
});
