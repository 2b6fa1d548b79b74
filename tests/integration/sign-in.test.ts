import { createAuthClient } from 'better-auth/client';
import { jwtClient } from 'better-auth/client/plugins';
import { decodeJwt } from 'jose';
import { describe, expect } from 'vitest';
import { FRONTENDS, tasksPath } from '../support/frontends.ts';
import { itWithServer } from '../support/server-fixtures.ts';

const ORIGIN = 'https://app.example.com';
const PUBLIC_URL = 'https://tasks.example.com';
const headers = { 'content-type': 'application/json' };
const PASSWORD = 'correct horse battery staple';

const SETTINGS = {
  SIGN_IN: 'on',
  SIGN_IN_SECRET: 'a-secret-for-the-cookies-of-these-tests',
  PUBLIC_URL,
  CORS_ORIGINS: ORIGIN,
  RATE_LIMIT: 'off',
};

let accounts = 0;
const anEmail = () => {
  accounts += 1;
  return `ann${accounts}.${Date.now()}@example.com`;
};

/** `signIn` is a server with accounts of its own; `clientOf` makes a client of Better Auth that keeps cookies as a browser does. */
const it = itWithServer()
  .extend('server', ({ serve }) => serve(SETTINGS))
  .extend('createClient', ({ server }) => () => {
    const cookies = new Map<string, string>();
    const client = createAuthClient({
      baseURL: server.url,
      plugins: [jwtClient()],
      fetchOptions: {
        customFetchImpl: async (url, init) => {
          const headers = new Headers(init?.headers);
          headers.set('origin', ORIGIN);
          if (cookies.size > 0)
            headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
          const response = await fetch(url, { ...init, headers });
          for (const cookie of response.headers.getSetCookie()) {
            const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
            if (/max-age=0/i.test(cookie)) cookies.delete(name);
            else cookies.set(name, value);
          }
          return response;
        },
      },
    });
    return { client, cookies };
  });

describe('the sign-in server', () => {
  it('works with the client of Better Auth, from sign-up to the deletion of the account', async ({
    server,
    database,
    createClient,
  }) => {
    const { client, cookies } = createClient();
    const email = anEmail();
    const { data: signedUp, error } = await client.signUp.email({ name: 'Ann', email, password: PASSWORD });
    expect(error).toBeNull();
    expect([...cookies.keys()]).toContainEqual(expect.stringMatching(/^__Secure-.*session_token$/));
    await client.signOut();
    expect((await client.getSession()).data).toBeNull();
    await client.signIn.email({ email, password: PASSWORD });
    expect((await client.getSession()).data?.user.email).toBe(email);
    const { data } = await client.token();
    const id = signedUp!.user.id;
    expect(decodeJwt(data!.token)).toMatchObject({ sub: id, iss: PUBLIC_URL, aud: PUBLIC_URL });

    const send = server.sendAs(data!.token);
    for (const frontend of FRONTENDS) {
      const tasks = `/contracts/${frontend.name}${tasksPath(frontend, id)}`;
      expect((await send('POST', tasks, { body: { title: 'Milk' } })).status).toBe(201);
    }
    const count = async () => (await database.query('select from tasks where user_id = $1', [id])).rowCount;
    expect(await count()).toBe(FRONTENDS.length);
    expect((await client.deleteUser({ password: PASSWORD })).error).toBeNull();
    expect(await count()).toBe(0);
    expect((await database.query('select from auth."user" where id = $1', [id])).rowCount).toBe(0);
    expect((await send('POST', `/api/${id}/tasks`, { body: { title: 'Milk' } })).status).toBe(401);
  });

  it('links tasks to its users, so that SQL that deletes a user deletes the tasks', async ({ server, database }) => {
    const body = { email: anEmail(), password: PASSWORD };
    const { user, token } = (await server.send('POST', '/contracts/003-backend-api/auth/register', { body, headers }))
      .body;
    expect((await server.sendAs(token)('POST', `/api/${user.id}/tasks`, { body: { title: 'x' } })).status).toBe(201);
    await database.query('delete from auth."user" where id = $1', [user.id]);
    expect((await database.query('select from tasks where user_id = $1', [user.id])).rowCount).toBe(0);
  });

  it.for([
    ['refuses the token of a deleted account', '', 401],
    ['accepts it until it expires with a shared secret, and deletes the tasks as well', SETTINGS.SIGN_IN_SECRET, 201],
  ] as const)('%s', async ([, secret, status], { createDatabase, serve }) => {
    const database = await createDatabase();
    const server = await serve({ ...SETTINGS, ...database.settings, BETTER_AUTH_SECRET: secret });
    const body = { email: anEmail(), password: PASSWORD, name: 'Ann' };
    const asPage = { ...headers, origin: ORIGIN };
    const { user, token } = (await server.send('POST', '/contracts/003-backend-api/auth/register', { body, headers }))
      .body;
    const create = () => server.sendAs(token)('POST', `/api/${user.id}/tasks`, { body: { title: 'x' } });
    expect((await create()).status).toBe(201);
    const signedIn = await server.send('POST', '/api/auth/sign-in/email', { body, headers: asPage });
    const cookie = signedIn.headers
      .getSetCookie()
      .map((set) => set.split(';', 1)[0])
      .join('; ');
    const deleted = await server.send('POST', '/api/auth/delete-user', { body, headers: { ...asPage, cookie } });
    expect(deleted.status).toBe(200);
    expect((await database.query('select from tasks')).rowCount).toBe(0);
    expect((await create()).status).toBe(status);
  });

  it('keeps no session of a sign-in that returns a token', async ({ server, database }) => {
    const body = { email: anEmail(), password: PASSWORD };
    const { user, token } = (await server.send('POST', '/contracts/003-backend-api/auth/register', { body, headers }))
      .body;
    await server.send('POST', '/contracts/003-backend-api/auth/login', { body, headers });
    expect((await database.query('select from auth."session" where "userId" = $1', [user.id])).rowCount).toBe(0);
    const { iat = 0, exp = 0 } = decodeJwt(token);
    expect(exp - iat).toBe(24 * 60 * 60);
  });

  it('answers 503 with Retry-After on every route without its tables', async ({ server, database }) => {
    await database.query('alter table auth."user" rename to absent');
    try {
      for (const path of ['/api/auth/sign-in/email', '/contracts/003-backend-api/auth/login']) {
        const body = { email: anEmail(), password: PASSWORD };
        const answer = await server.send('POST', path, { body, headers: { ...headers, origin: ORIGIN } });
        expect(answer.status).toBe(503);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
    } finally {
      await database.query('alter table auth.absent rename to "user"');
    }
  });

  it('publishes no route to sign in where it is off', async ({ serve }) => {
    const server = await serve({ BETTER_AUTH_SECRET: SETTINGS.SIGN_IN_SECRET });
    for (const path of [
      '/api/auth/sign-in/email',
      '/contracts/003-backend-api/auth/login',
      '/contracts/001-todo-web-app/auth/signin',
    ]) {
      expect((await server.send('POST', path, { body: {} })).status).toBe(404);
    }
  });
});
