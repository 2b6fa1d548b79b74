import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { type Answer, SECRET, tokenFor } from '../support/running-app.ts';
import { type Serving, serving } from '../support/serving.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

/** Seconds, as by default. A connection may take two of them. */
const TIMEOUT = 5;
/** Bounds in milliseconds, for a machine that is busy: the promise is TIMEOUT, and a second for the recovery. */
const PATIENCE = TIMEOUT * 1_000 + 1_500;

const it = itWithDatabase()
  .extend('proxy', async ({ database }, { onCleanup }) => {
    const proxy = await TcpProxy.start(database.url);
    onCleanup(() => proxy.stop());
    return proxy;
  })
  .extend('server', async ({ database, proxy }, { onCleanup }) => {
    const server = await serving({
      DATABASE_URL: proxy.through(database.url),
      DATABASE_TIMEOUT: String(TIMEOUT),
      BETTER_AUTH_SECRET: SECRET,
      RATE_LIMIT: 'off',
    });
    onCleanup(async () => {
      await proxy.set('pass');
      await server.stop();
    });
    return server;
  });

const create = (server: Serving, user: string, title = 'Buy milk') =>
  server.sendAs(tokenFor(user))('POST', `/api/${user}/tasks`, { body: { title } });
const list = (server: Serving, user: string) => server.sendAs(tokenFor(user))('GET', `/api/${user}/tasks`);

async function timed(request: Promise<Answer>): Promise<Answer & { ms: number }> {
  const start = performance.now();
  const answer = await request;
  return { ...answer, ms: performance.now() - start };
}

function expectRefused(answer: Answer & { ms: number }, within: number): void {
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toMatch(/^[12]$/); // 1 on a busy machine
  expect(answer.body.error).toBe('service_unavailable');
  expect(answer.ms).toBeLessThan(within);
}

/** Milliseconds until a create succeeds. */
async function recovery(server: Serving): Promise<number> {
  const start = performance.now();
  while ((await create(server, 'probe')).status !== 201) await pause(20);
  return performance.now() - start;
}

describe('a database that cannot be reached', () => {
  it('loses no request to connections that were reset while idle', async ({ proxy, server }) => {
    for (let round = 0; round < 3; round += 1) {
      expect((await create(server, 'cy')).status).toBe(201);
      proxy.reset();
      await expect.poll(async () => (await create(server, 'cy')).status).toBe(201);
    }
  });

  it('answers a request whose connection is cut in the middle of the answer with a 503', async ({ proxy, server }) => {
    const user = `dan-${randomUUID()}`;
    for (let n = 0; n < 20; n += 1) await create(server, user, `${n} ${'x'.repeat(150)}`);
    proxy.cutAfterBytes = 0;
    expectRefused(await timed(list(server, user)), PATIENCE);
    proxy.cutAfterBytes = undefined;
    expect(await recovery(server)).toBeLessThan(2_500);
    expect((await list(server, user)).body.count).toBe(20);
  });

  it('is slow, but works, with 100 ms of latency', async ({ proxy, server }) => {
    proxy.latencyMs = 100;
    const user = `eve-${randomUUID()}`;
    expect((await create(server, user)).status).toBe(201);
    expect((await list(server, user)).body.count).toBe(1);
  });
});

describe('a write that was refused', () => {
  it('is not applied when the database goes on', async ({ database, proxy, server }) => {
    const user = `kim-${randomUUID()}`;
    expect((await create(server, user)).status).toBe(201);
    await proxy.set('silent'); // what is sent now arrives once the proxy goes on
    const refused = await Promise.all(Array.from({ length: 20 }, () => timed(create(server, user))));
    for (const answer of refused) expectRefused(answer, PATIENCE);
    await proxy.set('pass');
    await recovery(server);
    const { rows } = await database.query('select count(*) from tasks where user_id = $1', [user]);
    expect(rows).toEqual([{ count: '1' }]);
  });

  it('is not applied when the lock that it waited for is free', async ({ database, server }) => {
    const user = `lea-${randomUUID()}`;
    expect((await create(server, user)).status).toBe(201);
    const locking = await database.holding(`select from task_counters where user_id = '${user}' for update`);
    try {
      const others = Array.from({ length: 40 }, (_, n) => timed(create(server, `other-${n}`)));
      const locked = Array.from({ length: 20 }, () => timed(create(server, user)));
      for (const answer of await Promise.all(locked)) expectRefused(answer, PATIENCE);
      for (const answer of await Promise.all(others)) expect(answer.status).toBe(201);
    } finally {
      await locking.end();
    }
    expect((await create(server, user)).status).toBe(201);
    expect((await list(server, user)).body.count).toBe(2);
  });

  it('is not applied when a table was locked', async ({ database, server }) => {
    const user = `mia-${randomUUID()}`;
    expect((await create(server, user)).status).toBe(201);
    const locking = await database.holding('lock table tasks in access exclusive mode');
    let acknowledged = 1;
    try {
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, n) => timed(create(server, n % 2 ? user : `other-${n}`))),
      );
      for (const answer of answers) expectRefused(answer, PATIENCE);
    } finally {
      await locking.end();
    }
    await recovery(server);
    while ((await create(server, user)).status === 201 && acknowledged < 3) acknowledged += 1;
    const { rows } = await database.query('select count(*) from tasks where user_id = $1', [user]);
    expect(Number(rows[0].count)).toBe(acknowledged + (acknowledged === 3 ? 1 : 0));
    const { rows: backends } = await database.query(
      `select count(*) from pg_stat_activity where application_name = 'taskwell' and datname = current_database()`,
    );
    expect(Number(backends[0].count)).toBeLessThanOrEqual(10 + 1);
  });
});
