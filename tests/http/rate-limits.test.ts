import { describe, expect } from 'vitest';
import { KeySetUnavailable, Unavailable } from '../../application/application-errors.ts';
import type { RateLimits } from '../../application/ports/rate-limiter.ts';
import { InMemoryRateLimits } from '../../infrastructure/rate-limits/in-memory-rate-limits.ts';
import { itWithApp } from '../support/app-fixtures.ts';
import { documented } from '../support/documented.ts';
import { failingTasks } from '../support/failing-tasks.ts';
import { FRONTENDS, tasksPath } from '../support/frontends.ts';
import { type Answer, type AppOptions, PAGE, type RunningApp, tokenFor } from '../support/running-app.ts';
import { TickingClock } from '../support/ticking-clock.ts';

/** `limitedTo` starts an app with these limits for a minute, for one test. */
const it = itWithApp().extend(
  'limitedTo',
  ({ startApp }) =>
    (most: { user?: number; failed?: number }, options: AppOptions = {}): Promise<RunningApp> => {
      const store = new InMemoryRateLimits(new TickingClock());
      const limits: RateLimits = {
        user: store.limiter('user', { limit: most.user ?? 1000, window: 60 }),
        failedAuthentication: store.limiter('failed', { limit: most.failed ?? 60, window: 60 }),
        signInNetwork: store.limiter('sign-in-network', { limit: 60, window: 60 }),
        signInEmail: store.limiter('sign-in-email', { limit: 60, window: 60 }),
      };
      return startApp({ limits, ...options });
    },
);

async function statuses(times: number, ask: () => Promise<Answer>): Promise<number[]> {
  const seen: number[] = [];
  for (let time = 0; time < times; time += 1) seen.push((await ask()).status);
  return seen;
}

const LEFT = (remaining: number) => `"user";r=${remaining};t=60`;

describe('the limit of a user', () => {
  it('is in the headers of every response to a user', async ({ limitedTo }) => {
    const app = await limitedTo({ user: 5 });
    const send = app.as('ann');
    const answers = [
      await send('POST', '/api/ann/tasks', { body: { title: 'Buy groceries' } }),
      await send('GET', '/api/ann/tasks/7'),
      await send('GET', '/api/bob/tasks'),
      await send('POST', '/api/ann/tasks', { body: '{' }),
      await send('DELETE', '/api/ann/tasks/1'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 404, 403, 400, 200]);
    answers.forEach(({ headers }, index) => {
      expect(headers.get('ratelimit-policy')).toBe('"user";q=5;w=60');
      expect(headers.get('ratelimit')).toBe(LEFT(4 - index));
      expect(headers.has('retry-after')).toBe(false);
    });
  });

  it('refuses further requests with 429 and the time to wait, before it checks anything else', async ({
    limitedTo,
  }) => {
    const app = await limitedTo({ user: 1 });
    const send = app.as('ann');
    await send('GET', '/api/ann/tasks');
    for (const [method, path, options] of [
      ['GET', '/api/ann/tasks', {}],
      ['GET', '/api/bob/tasks', {}],
      ['POST', '/api/ann/tasks', { body: '{' }],
    ] as const) {
      const { status, headers, body } = await send(method, path, options);
      expect(status).toBe(429);
      expect(body).toEqual({ error: 'rate_limited', detail: expect.stringContaining('try again in 60 s') });
      expect(headers.get('retry-after')).toBe('60');
      expect(headers.get('ratelimit-policy')).toBe('"user";q=1;w=60');
      expect(headers.get('ratelimit')).toBe(LEFT(0));
    }
  });

  it('is counted for each user, over all contracts', async ({ limitedTo }) => {
    const app = await limitedTo({ user: FRONTENDS.length });
    const lists = FRONTENDS.map((frontend) => `/contracts/${frontend.name}${tasksPath(frontend, 'ann')}`);
    for (const list of lists) expect((await app.as('ann')('GET', list)).status).toBe(200);
    for (const list of lists) expect((await app.as('ann')('GET', list)).status).toBe(429);
    expect((await app.as('Ann')('GET', '/api/Ann/tasks')).status).toBe(200);
  });

  it('holds exactly when requests are concurrent', async ({ limitedTo }) => {
    const app = await limitedTo({ user: 10 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => app.as('ann')('GET', '/api/ann/tasks')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40);
  });

  it('does not count a request with a forged token', async ({ limitedTo }) => {
    const app = await limitedTo({ user: 1 });
    const forged = { authorization: `Bearer ${tokenFor('ann').slice(0, -4)}AAAA` };
    expect((await app.send('GET', '/api/ann/tasks', { headers: forged })).status).toBe(401);
    expect((await app.as('ann')('GET', '/api/ann/tasks')).status).toBe(200);
  });

  it('is in the headers of a 503, which keeps its own Retry-After', async ({ limitedTo }) => {
    const fail = () => {
      throw new Unavailable('The database is out of reach', 2);
    };
    const app = await limitedTo({ user: 5 }, { tasks: failingTasks(fail) });
    const { status, headers } = await app.as('ann')('GET', '/api/ann/tasks');
    expect([status, headers.get('retry-after')]).toEqual([503, '2']);
    expect(headers.get('ratelimit')).toBe(LEFT(4));
  });

  it('is in no header when it is off', async ({ app }) => {
    const { headers } = await app.as('ann')('GET', '/api/ann/tasks');
    expect([headers.has('ratelimit'), headers.has('ratelimit-policy')]).toEqual([false, false]);
  });
});

describe('the limit of an address', () => {
  const nobody = (app: RunningApp, headers: Record<string, string> = {}) =>
    app.send('GET', '/api/ann/tasks', { headers });

  it('answers unauthenticated requests with 429 instead of 401', async ({ limitedTo }) => {
    const app = await limitedTo({ failed: 2 });
    expect(await statuses(4, () => nobody(app))).toEqual([401, 401, 429, 429]);
    const { headers, body } = await nobody(app, { authorization: 'Bearer nonsense' });
    expect(body).toEqual({ error: 'rate_limited', detail: expect.stringContaining('try again in') });
    expect(headers.get('retry-after')).toBe('60');
    expect(headers.get('ratelimit-policy')).toBe('"failed-authentication";q=2;w=60');
    expect(headers.get('ratelimit')).toBe('"failed-authentication";r=0;t=60');
    expect(headers.has('www-authenticate')).toBe(false);
  });

  it('does not affect a valid token, nor a route without authentication', async ({ limitedTo }) => {
    const app = await limitedTo({ failed: 1 });
    expect(await statuses(3, () => nobody(app))).toEqual([401, 429, 429]);
    expect((await app.as('ann')('GET', '/api/ann/tasks')).status).toBe(200);
    for (const path of ['/health', '/contracts/002-backend-api/health', '/docs', '/openapi.json', '/']) {
      expect((await app.send('GET', path)).status, path).toBe(200);
    }
    const preflight = await app.send('OPTIONS', '/api/ann/tasks', {
      headers: { origin: PAGE, 'access-control-request-method': 'PUT' },
    });
    expect(preflight.status).toBe(204);
  });

  it('does not count a token when the key set is unavailable', async ({ limitedTo }) => {
    const verify = () => Promise.reject(new KeySetUnavailable('The keys are out of reach, try again', 5));
    const app = await limitedTo({ failed: 1 }, { tokens: { verify } });
    const given = { authorization: 'Bearer eyJ.x.y' };
    expect(await statuses(3, () => nobody(app, given))).toEqual([503, 503, 503]);
    expect(await statuses(2, () => nobody(app))).toEqual([401, 429]);
  });

  it('counts the address that the trusted proxies report', async ({ limitedTo }) => {
    const app = await limitedTo({ failed: 1 }, { trustProxy: 1 });
    const from = (address: string) => nobody(app, { 'x-forwarded-for': address });
    expect((await from('203.0.113.1')).status).toBe(401);
    expect((await from('203.0.113.2')).status).toBe(401);
    expect((await from('203.0.113.9, 203.0.113.1')).status).toBe(429);
  });

  it('counts all addresses of an IPv6 subscriber together', async ({ limitedTo }) => {
    const app = await limitedTo({ failed: 1 }, { trustProxy: 1 });
    const from = (address: string) => nobody(app, { 'x-forwarded-for': address });
    expect((await from('2001:db8:1:2::1')).status).toBe(401);
    expect((await from('2001:db8:1:2:ffff::9')).status).toBe(429);
    expect((await from('2001:db8:1:3::1')).status).toBe(401);
  });

  it('ignores X-Forwarded-For without a trusted proxy', async ({ limitedTo }) => {
    const app = await limitedTo({ failed: 1 });
    const from = (address: string) => nobody(app, { 'x-forwarded-for': address });
    expect((await from('203.0.113.1')).status).toBe(401);
    expect((await from('203.0.113.2')).status).toBe(429);
  });
});

describe.each(FRONTENDS)('too many requests under $name', (frontend) => {
  const { name, error } = frontend;
  it('are refused as documented, and pages can read the refusal', async ({ limitedTo }) => {
    const app = await limitedTo({ user: 1, failed: 1 }, { contract: name });
    const check = await documented(app.send, '');
    const list = tasksPath(frontend, 'ann');
    const headers = { origin: PAGE };
    for (const send of [app.as('ann'), app.send]) {
      check('GET', list, await send('GET', list, { headers }));
      const answer = await send('GET', list, { headers });
      check('GET', list, answer);
      const at = expect.stringMatching(/Z$/);
      expect(answer).toMatchObject({
        status: 429,
        body: error({ status: 429, category: 'rate_limited', detail: expect.any(String), at }),
      });
      expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
      const exposed = answer.headers.get('access-control-expose-headers')?.split(',');
      expect(exposed).toEqual(expect.arrayContaining(['Retry-After', 'RateLimit', 'RateLimit-Policy']));
    }
  });
});
