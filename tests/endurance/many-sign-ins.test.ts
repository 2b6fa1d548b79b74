import { describe, expect } from 'vitest';
import type { Answer } from '../support/running-app.ts';
import { itWithServer } from '../support/server-fixtures.ts';

const PUBLIC_URL = 'https://tasks.example.com';
const ANN = { email: 'ann@example.com', password: 'correct horse battery staple', name: 'Ann' };
const headers = { 'content-type': 'application/json', origin: PUBLIC_URL };
const ROUTES = ['/contracts/003-backend-api/auth/login', '/api/auth/sign-in/email'];

/** `server` has one account, and no limits. `rush` signs in many times at once, and tells how long each answer took. */
const it = itWithServer()
  .extend('server', async ({ serve }) => {
    const secret = 'a-secret-for-the-cookies-of-these-tests';
    const server = await serve({ SIGN_IN: 'on', SIGN_IN_SECRET: secret, PUBLIC_URL, RATE_LIMIT: 'off' });
    await server.send('POST', '/api/auth/sign-up/email', { body: ANN, headers });
    return server;
  })
  .extend('rush', ({ server }) => async (route: string, times: number) => {
    const startMs = performance.now();
    const send = async (): Promise<Answer & { ms: number }> => {
      const answer = await server.send('POST', route, { body: ANN, headers });
      return { ...answer, ms: performance.now() - startMs };
    };
    const answers = await Promise.all(Array.from({ length: times }, send));
    return { answers, totalMs: performance.now() - startMs };
  });

/** A server on a busy machine may refuse requests, if it does so in words. */
function expectSignedIn(answers: readonly Answer[], atLeast: number): void {
  for (const { status, headers, text } of answers) {
    expect([200, 503], text).toContain(status);
    if (status === 503) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(atLeast);
}

describe('many sign-ins at once', () => {
  it.for(ROUTES)('succeed, after a pause in which the connections were closed: %s', async (route, { rush }) => {
    expectSignedIn((await rush(route, 50)).answers, 25);
    await new Promise((resolve) => setTimeout(resolve, 11_000)); // idle connections close after 10 s
    expectSignedIn((await rush(route, 50)).answers, 25);
  });

  it.for(ROUTES)('are refused at once if too many wait: %s', async (route, { rush }) => {
    const { answers, totalMs } = await rush(route, 250);
    expectSignedIn(answers, 25);
    const refused = answers.filter(({ status, ms }) => status === 503 && ms < totalMs / 2);
    expect(refused.length).toBeGreaterThan(100);
  });

  it('do not delay the verification of tokens', async ({ server, rush }) => {
    const signedIn = await server.send('POST', '/api/auth/sign-in/email', { body: ANN, headers });
    const [cookie = ''] = signedIn.headers.getSetCookie().map((set) => set.split(';', 1)[0]);
    let isOver = false;
    const rushing = rush(ROUTES[0]!, 50).finally(() => {
      isOver = true;
    });
    let slowestMs = 0;
    while (!isOver) {
      const startMs = performance.now();
      const { status, body } = await server.send('GET', '/api/auth/token', { headers: { cookie } });
      expect([200, 503]).toContain(status);
      if (status === 503) continue;
      const listed = await server.sendAs(body.token)('GET', `/api/${signedIn.body.user.id}/tasks`);
      expect([200, 503]).toContain(listed.status);
      slowestMs = Math.max(slowestMs, performance.now() - startMs);
    }
    expect(slowestMs).toBeLessThan((await rushing).totalMs / 2);
  });
});
