import { createSecretKey } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { expect } from 'vitest';
import type { Answer, Send } from '../support/running-app.ts';
import { itWithServer } from '../support/server-fixtures.ts';

const ORIGIN = 'https://app.example.com';
const PASSWORD = 'correct horse battery staple';
const SECRET = 'a-secret-for-the-cookies-of-these-tests';
const LOGIN = '/contracts/003-backend-api/auth/login';
const REGISTER = '/contracts/003-backend-api/auth/register';

const SETTINGS = {
  SIGN_IN: 'on',
  SIGN_IN_SECRET: SECRET,
  PUBLIC_URL: 'https://tasks.example.com',
  CORS_ORIGINS: ORIGIN,
};

let people = 0;

/** `server` has no limits; `signUp` creates an account and returns its cookies, as a browser would send them. */
const it = itWithServer()
  .extend('server', ({ serve }) => serve({ ...SETTINGS, RATE_LIMIT: 'off' }))
  .extend(
    'post',
    ({ server }) =>
      (path: string, body: object, headers: Record<string, string> = {}) =>
        server.send('POST', path, {
          body,
          headers: { 'content-type': 'application/json', origin: ORIGIN, ...headers },
        }),
  )
  .extend('signUp', ({ post }) => async () => {
    people += 1;
    const email = `eve${people}.${Date.now()}@example.com`;
    const { status, headers, body } = await post('/api/auth/sign-up/email', { name: 'Eve', email, password: PASSWORD });
    expect(status).toBe(200);
    const cookie = headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    expect(headers.getSetCookie().join()).toMatch(/HttpOnly.*Secure|Secure.*HttpOnly/i);
    expect(headers.getSetCookie().join()).toMatch(/SameSite=Lax/i);
    return { id: body.user.id as string, email, cookie };
  });

async function session(send: Send, cookie: string): Promise<Answer> {
  return send('GET', '/api/auth/token', { headers: { cookie } });
}

it('a page of a foreign origin, or a request without one, cannot use the cookies of a user', async ({
  post,
  server,
  signUp,
  database,
}) => {
  const { id, cookie } = await signUp();
  for (const origin of [
    'https://evil.example',
    'null',
    'https://app.example.com.evil.example',
    'http://localhost:8000',
    '',
  ]) {
    for (const path of ['/api/auth/sign-out', '/api/auth/delete-user']) {
      const { status, headers } = await post(path, { password: PASSWORD }, { cookie, origin });
      expect([path, origin, status]).toEqual([path, origin, 403]);
      expect(headers.get('access-control-allow-origin')).not.toBe(origin || '*');
    }
  }
  const without = await server.send('POST', '/api/auth/delete-user', {
    body: { password: PASSWORD },
    headers: { cookie, 'content-type': 'application/json' },
  });
  expect(without.status).toBe(403);
  expect((await session(server.send, cookie)).status).toBe(200);
  expect((await database.query('select from auth."user" where id = $1', [id])).rowCount).toBe(1);
});

it('a cookie is worth nothing after the sign-out, nor after the deletion of its user', async ({
  post,
  server,
  signUp,
}) => {
  const [ann, bob] = [await signUp(), await signUp()];
  expect((await post('/api/auth/sign-out', {}, { cookie: ann.cookie })).status).toBe(200);
  expect((await session(server.send, ann.cookie)).status).toBe(401);
  const { token } = (await session(server.send, bob.cookie)).body;
  expect((await post('/api/auth/delete-user', { password: 'a wrong password' }, { cookie: bob.cookie })).status).toBe(
    400,
  );
  expect((await post('/api/auth/delete-user', { password: PASSWORD }, { cookie: bob.cookie })).status).toBe(200);
  expect((await session(server.send, bob.cookie)).status).toBe(401);
  const create = await server.sendAs(token)('POST', `/api/${bob.id}/tasks`, { body: { title: 'x' } });
  expect(create.status).toBe(401);
  expect((await post(LOGIN, { email: bob.email, password: PASSWORD })).status).toBe(401);
});

it('an unknown address and a wrong password are one answer, and both hash the password', async ({ post, signUp }) => {
  const { email } = await signUp();
  for (const path of [LOGIN, '/api/auth/sign-in/email']) {
    const timed = async (address: string) => {
      const startMs = performance.now();
      const { status, headers, body } = await post(path, { email: address, password: 'a wrong password' });
      const names = [...headers.keys()].sort();
      return { answer: { status, body, names }, ms: performance.now() - startMs };
    };
    const [known, unknown] = [[await timed(email)], [await timed('nobody@example.com')]];
    for (let round = 0; round < 5; round += 1) {
      known.push(await timed(email));
      unknown.push(await timed('nobody@example.com'));
    }
    expect(known[0]!.answer.status).toBe(401);
    expect(unknown[0]!.answer).toEqual(known[0]!.answer);
    const fastest = (all: readonly { ms: number }[]) => Math.min(...all.map(({ ms }) => ms));
    expect(fastest(unknown)).toBeGreaterThan(fastest(known) / 2);
  }
});

it.for([
  'ann@example.com\r\nBcc: eve@example.com',
  'ann@example.com\nBcc: eve@example.com',
  'ann@example.com, eve@example.com',
  '<ann@example.com>',
  'ann@example.com\0',
  `${'a'.repeat(250)}@example.com`,
])('the address %j is refused on every route', async (email, { post, database }) => {
  for (const path of [REGISTER, LOGIN, '/api/auth/sign-up/email', '/api/auth/sign-in/email']) {
    const { status } = await post(path, { email, password: PASSWORD, name: 'Ann' });
    expect([400, 401, 422]).toContain(status);
  }
  expect((await database.query('select from auth."user" where email = $1', [email.replace('\0', '')])).rowCount).toBe(
    0,
  );
});

it('a password has 8 to 128 characters, and a body of 1 MiB is not hashed', async ({ post }) => {
  for (const [length, contract, own] of [
    [7, 422, 400],
    [8, 201, 200],
    [128, 201, 200],
    [129, 422, 400],
    [1024 * 1024, 413, 413],
  ] as const) {
    const password = 'x'.repeat(length);
    people += 1;
    const email = `p${people}.${length}@example.com`;
    expect((await post(REGISTER, { email, password, name: 'Ann' })).status).toBe(contract);
    const other = await post('/api/auth/sign-up/email', { email: `own.${email}`, password, name: 'Ann' });
    expect(other.status).toBe(own);
  }
});

it('the secret of the cookies signs no token, and a foreign link is not followed', async ({ post, server, signUp }) => {
  const { id, email } = await signUp();
  const key = createSecretKey(SECRET, 'utf8');
  const forged = jsonwebtoken.sign({ sub: id, userId: id, email }, key, { algorithm: 'HS256', expiresIn: 60 });
  expect((await server.sendAs(forged)('GET', `/api/${id}/tasks`)).status).toBe(401);
  const link = { email, password: PASSWORD, callbackURL: 'https://evil.example/' };
  expect((await post('/api/auth/sign-in/email', link)).status).toBe(403);
});

it('guessing is limited per address over all routes, whatever the client says about its network, and logged', async ({
  serve,
}) => {
  const server = await serve(SETTINGS);
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 12; attempt += 1) {
    const path = attempt % 2 === 0 ? LOGIN : '/api/auth/sign-in/email';
    const headers = { 'content-type': 'application/json', origin: ORIGIN, 'x-forwarded-for': `203.0.113.${attempt}` };
    const body = { email: attempt % 3 === 0 ? 'Ann@example.com' : 'ann@example.com', password: 'a wrong password' };
    const answer = await server.send('POST', path, { body, headers });
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
  expect(server.log()).toContain('"event":"sign_in.failed"');
  expect(server.log()).toContain('"limit":"sign-in-email"');
  expect(server.log()).not.toContain('a wrong password');
  expect(server.log()).not.toContain('ann@example.com');
});
