import { SignJWT } from 'jose';
import { describe, expect } from 'vitest';
import {
  type Account,
  type BetterAuthServer,
  type BetterAuthSettings,
  startBetterAuth,
} from '../support/better-auth-server.ts';
import { FRONTENDS, tasksPath } from '../support/frontends.ts';
import { type Answer, SECRET } from '../support/running-app.ts';
import { itWithServer } from '../support/server-fixtures.ts';
import type { Serving } from '../support/serving.ts';

/** `betterAuth` starts a Better Auth, for one test. It shares the database of Taskwell, as it often does. */
const it = itWithServer().extend(
  'betterAuth',
  ({ database, onTestFinished }) =>
    async (settings: Partial<BetterAuthSettings> = {}): Promise<BetterAuthServer> => {
      const server = await startBetterAuth({ databaseUrl: database.ownerUrl, secret: SECRET, ...settings });
      onTestFinished(() => server.close());
      return server;
    },
);

let users = 0;
/** Signs up a user under a new name. */
function signUp(server: BetterAuthServer): Promise<Account> {
  users += 1;
  return server.signUp(`user${users}`);
}

/** Uses every route of every contract as somebody who has no task yet. */
async function useEverything(api: Serving, { id: user, token }: { id: string; token: string }): Promise<void> {
  const send = api.sendAs(token);
  for (const frontend of FRONTENDS) {
    const { taskIn, tasksIn, completed, deleted } = frontend;
    const tasks = `/contracts/${frontend.name}${tasksPath(frontend, user)}`;
    const created = await send('POST', tasks, { body: { title: 'Buy groceries' } });
    expect(created).toMatchObject({ status: 201 });
    const task = taskIn(created.body);
    expect(task).toMatchObject({ user_id: user, title: 'Buy groceries', [completed]: false });
    const path = `${tasks}/${task.id}`;
    expect(tasksIn((await send('GET', tasks)).body)).toEqual([task]);
    expect(taskIn((await send('GET', path)).body)).toEqual(task);
    const updated = await send('PUT', path, { body: frontend.put('Buy milk') });
    expect(taskIn(updated.body)).toMatchObject({ id: task.id, title: 'Buy milk' });
    if (frontend.patches) expect((await send('PATCH', path, { body: { completed: true } })).status).toBe(200);
    let expected = false;
    for (const toggle of frontend.toggles) {
      expected = !expected;
      const toggled = await send('PATCH', `${path}/${toggle}`);
      expect(taskIn(toggled.body)).toMatchObject({ id: task.id, [completed]: expected });
    }
    expect(await send('DELETE', path)).toMatchObject(deleted);
    expect((await send('GET', path)).status).toBe(404);
  }
}

function expectRefused(answer: Answer): void {
  expect(answer).toMatchObject({ status: 401, body: { error: 'unauthorized', detail: expect.any(String) } });
  expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", error_description="[^"]+"$/);
}

/** The claims of a token, unverified. */
function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
}

describe('a token of the jwt plugin', () => {
  it.for(['EdDSA', 'ES256', 'RS256'] as const)(
    'signed %s opens every route',
    async (algorithm, { betterAuth, createDatabase, serve }) => {
      const database = await createDatabase();
      const auth = await betterAuth({ databaseUrl: database.ownerUrl, algorithm });
      const api = await serve({ BETTER_AUTH_URL: auth.url });
      const { id, token } = await signUp(auth);
      await useEverything(api, { id, token: await token() });
    },
  );

  it('opens the tasks of its user and of nobody else', async ({ betterAuth, serve }) => {
    const auth = await betterAuth();
    const api = await serve({ BETTER_AUTH_URL: auth.url });
    const [ann, bob] = [await signUp(auth), await signUp(auth)];
    const [asAnn, asBob] = [api.sendAs(await ann.token()), api.sendAs(await bob.token())];
    await asAnn('POST', `/api/${ann.id}/tasks`, { body: { title: 'Buy groceries' } });
    expect((await asAnn('GET', `/api/${ann.id}/tasks`)).body.count).toBe(1);
    expect((await asBob('GET', `/api/${bob.id}/tasks`)).body.count).toBe(0);
    expect((await asBob('GET', `/api/${bob.id}/tasks/1`)).status).toBe(404);
    expect((await asBob('GET', `/api/${ann.id}/tasks`)).status).toBe(403);
  });

  it('is accepted before and after the keys rotate', async ({ betterAuth, serve }) => {
    const auth = await betterAuth();
    const api = await serve({ BETTER_AUTH_URL: auth.url });
    const { id, token } = await signUp(auth);
    const list = async (token: string) => (await api.sendAs(token)('GET', `/api/${id}/tasks`)).status;
    const before = await token();
    expect(await list(before)).toBe(200);
    await auth.rotateKeys();
    const after = await token();
    expect(kid(after)).not.toBe(kid(before));
    expect(await list(after)).toBe(200);
    expect(await list(before)).toBe(200);
  });

  it('is accepted when the server reaches Better Auth at another URL than the browser', async ({
    betterAuth,
    serve,
  }) => {
    const baseUrl = 'https://app.example.com';
    const auth = await betterAuth({ baseUrl });
    const api = await serve({ BETTER_AUTH_URL: baseUrl, JWKS_URL: `${auth.url}/api/auth/jwks` });
    const { id, token } = await signUp(auth);
    expect(claimsOf(await token())).toMatchObject({ iss: baseUrl, aud: baseUrl });
    expect((await api.sendAs(await token())('GET', `/api/${id}/tasks`)).status).toBe(200);
  });

  it('of another issuer is refused even if the keys are the same', async ({ betterAuth, serve }) => {
    const auth = await betterAuth();
    const api = await serve({ BETTER_AUTH_URL: 'https://app.example.com', JWKS_URL: `${auth.url}/api/auth/jwks` });
    const { id, token } = await signUp(auth);
    expectRefused(await api.sendAs(await token())('GET', `/api/${id}/tasks`));
  });

  it('is refused by a server with only a shared secret', async ({ betterAuth, serve }) => {
    const auth = await betterAuth();
    const api = await serve({ BETTER_AUTH_SECRET: SECRET });
    const { id, token } = await signUp(auth);
    expectRefused(await api.sendAs(await token())('GET', `/api/${id}/tasks`));
  });

  it('with a picture in it is too long and gets 431 in JSON', async ({ betterAuth, serve }) => {
    const auth = await betterAuth();
    const api = await serve({ BETTER_AUTH_URL: auth.url });
    const { id, page, token } = await signUp(auth);
    await page.post('/api/auth/update-user', { image: `data:image/png;base64,${'A'.repeat(20_000)}` });
    expect(await api.sendAs(await token())('GET', `/api/${id}/tasks`)).toMatchObject({
      status: 431,
      body: { detail: expect.any(String) },
    });
  });
});

describe('a token that a frontend signs for a session', () => {
  /** As a route of a frontend does it: who the session is of, signed with the secret that both sides know. */
  async function mint(request: Request, server: BetterAuthServer): Promise<Response> {
    const session = await server.session(request.headers);
    if (session === null) return new Response(null, { status: 401 });
    const token = await new SignJWT({ email: session.user.email })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(session.user.id)
      .setIssuedAt()
      .setExpirationTime('7d')
      .sign(new TextEncoder().encode(SECRET));
    return Response.json({ token });
  }
  const routes = { '/api/token': mint };
  const mintedFor = async ({ page }: Account): Promise<string> => {
    const { token } = (await (await page.fetch('/api/token')).json()) as { token: string };
    return token;
  };

  it('opens every route', async ({ betterAuth, serve }) => {
    const auth = await betterAuth({ routes });
    const api = await serve({ BETTER_AUTH_SECRET: SECRET });
    const account = await signUp(auth);
    await useEverything(api, { id: account.id, token: await mintedFor(account) });
  });

  it('opens the same tasks as a token of the jwt plugin, during a migration', async ({ betterAuth, serve }) => {
    const auth = await betterAuth({ routes });
    const api = await serve({ BETTER_AUTH_SECRET: SECRET, BETTER_AUTH_URL: auth.url });
    const account = await signUp(auth);
    const tasks = `/api/${account.id}/tasks`;
    const [old, young] = [api.sendAs(await mintedFor(account)), api.sendAs(await account.token())];
    const { body: task } = await old('POST', tasks, { body: { title: 'Buy groceries' } });
    expect((await young('GET', tasks)).body.tasks).toEqual([task]);
    await young('PATCH', `${tasks}/1/complete`);
    expect((await old('GET', `${tasks}/1`)).body.completed).toBe(true);
  });

  it('needs an issuer when one is configured', async ({ betterAuth, serve }) => {
    const auth = await betterAuth({ routes });
    const keys = { BETTER_AUTH_URL: auth.url, JWT_ISSUER: auth.url, JWT_AUDIENCE: auth.url };
    const api = await serve({ BETTER_AUTH_SECRET: SECRET, ...keys });
    const account = await signUp(auth);
    const tasks = `/api/${account.id}/tasks`;
    expect((await api.sendAs(await account.token())('GET', tasks)).status).toBe(200);
    expectRefused(await api.sendAs(await mintedFor(account))('GET', tasks));
  });

  it('is refused by a server with only a key set', async ({ betterAuth, serve }) => {
    const auth = await betterAuth({ routes });
    const api = await serve({ BETTER_AUTH_URL: auth.url });
    const account = await signUp(auth);
    expectRefused(await api.sendAs(await mintedFor(account))('GET', `/api/${account.id}/tasks`));
  });
});

describe('another token or cookie of Better Auth', () => {
  const settings: [string, (auth: BetterAuthServer) => Record<string, string>][] = [
    ['a shared secret', () => ({ BETTER_AUTH_SECRET: SECRET })],
    ['its keys', ({ url }) => ({ BETTER_AUTH_URL: url })],
    ['both', ({ url }) => ({ BETTER_AUTH_SECRET: SECRET, BETTER_AUTH_URL: url })],
  ];

  it.for(settings)('gets 401 from a server with %s', async ([, settings], { betterAuth, serve }) => {
    const auth = await betterAuth({ cookieCache: 'secret' });
    const api = await serve(settings(auth));
    const { id, page, verificationLink } = await signUp(auth);
    const session = page.cookie('session_token') ?? '';
    const cache = page.cookie('session_data') ?? '';
    expect(session).toMatch(/^\w{32}\.\S+%3D$/);
    expect(claimsOf(cache)).toMatchObject({ user: { id } });
    const link = verificationLink.searchParams.get('token') ?? '';
    expect(claimsOf(link)).toMatchObject({ email: expect.any(String) });
    const olderLink = await new SignJWT({ email: `${id}@example.com`, userId: id })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(SECRET));
    const others = [session, decodeURIComponent(session), session.split('.')[0]!, cache, link, olderLink];
    for (const token of others) expectRefused(await api.sendAs(token)('GET', `/api/${id}/tasks`));
  });

  it('gets 401 even if it is a cookie cache that the keys of the tokens signed', async ({ betterAuth, serve }) => {
    const auth = await betterAuth({ cookieCache: 'keys' });
    const api = await serve({ BETTER_AUTH_URL: auth.url });
    const { id, page } = await signUp(auth);
    const cache = page.cookie('session_data') ?? '';
    expect(claimsOf(cache)).toMatchObject({ sub: id, iss: auth.url });
    expectRefused(await api.sendAs(cache)('GET', `/api/${id}/tasks`));
  });
});

function kid(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;
}
