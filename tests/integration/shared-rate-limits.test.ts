import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, vi } from 'vitest';
import { PostgresRateLimits } from '../../infrastructure/rate-limits/postgres-rate-limits.ts';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { readConfiguration } from '../../interfaces/composition/configuration/configuration.ts';
import { createContainer, Ports } from '../../interfaces/composition/container.ts';
import { HttpServer } from '../../interfaces/http/server/http-server.ts';
import { itWithDatabasePerTest } from '../support/database-fixtures.ts';
import { HAS_REDIS, TestRedis } from '../support/redis-for-tests.ts';
import { SECRET, sender, tokenFor } from '../support/running-app.ts';

/**
 * - `redis`: a Redis for one test
 * - `start` starts an instance of the whole server with these settings, for one test
 */
const it = itWithDatabasePerTest()
  .extend('redis', async ({ onTestFinished }) => {
    const redis = await TestRedis.start();
    onTestFinished(() => redis.kill());
    return redis;
  })
  .extend('start', ({ database, onTestFinished }) => async (settings: Record<string, string>) => {
    const env = { ...database.settings, BETTER_AUTH_SECRET: SECRET, ...settings };
    const logged: string[] = [];
    const sink = new Writable({
      write(line, _encoding, done) {
        logged.push(String(line));
        done();
      },
    });
    const container = createContainer({ ...readConfiguration(env), databaseUrl: env.DATABASE_URL }, pino(sink));
    onTestFinished(() => container.unbindAllAsync());
    const server = await HttpServer.listen(container.get(Ports.App), { host: '127.0.0.1', port: 0 });
    onTestFinished(() => server.close(0));
    const send = sender(server.url);
    const statuses = async (times: number, user: string, headers: Record<string, string>) =>
      (await Promise.all(Array.from({ length: times }, () => send('GET', `/api/${user}/tasks`, { headers })))).map(
        ({ status }) => status,
      );
    const as = (user: string, times: number) => statuses(times, user, { authorization: `Bearer ${tokenFor(user)}` });
    const complaints = () => logged.filter((line) => line.includes('the rate limit store fails'));
    const recoveries = () => logged.filter((line) => line.includes('the rate limit store works again'));
    return {
      /** Sends requests at the same time, and returns their statuses. */
      as,
      asNobody: (times: number) => statuses(times, 'ann', {}),
      /** Resolves once the instance counts in its store, even if the machine was too busy for that at first. */
      countsInStore: () =>
        expect
          .poll(() => as('somebody', 1).then(() => complaints().length - recoveries().length), { timeout: 60_000 })
          .toBe(0),
      stop: () => container.unbindAllAsync(),
      logged,
      complaints,
      recoveries,
    };
  });

const allowed = (statuses: number[]) => statuses.filter((status) => status === 200).length;

const onPostgres = it.extend('store', 'postgres');
const onRedis = it.extend('store', ({ redis }) => redis.url);

describe.each([
  { name: 'postgres', it: onPostgres },
  { name: 'Redis', it: onRedis.skipIf(!HAS_REDIS) },
])('two instances over $name', ({ it }) => {
  it('share the limits of a user and of an address, also for concurrent requests', async ({
    store,
    start,
    onTestFinished,
  }) => {
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ toFake: ['setTimeout'] }); // so that a slow machine does not count as a store that fails
    const settings = { RATE_LIMIT: '10', RATE_LIMIT_FAILED_AUTH: '4', RATE_LIMIT_STORE: store };
    const [one, two] = [await start(settings), await start(settings)];
    const statuses = (await Promise.all([one.as('ann', 25), two.as('ann', 25)])).flat();
    expect(allowed(statuses)).toBe(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
    const failed = (await Promise.all([one.asNobody(10), two.asNobody(10)])).flat();
    expect(failed.filter((status) => status === 401)).toHaveLength(4);
    expect(failed.filter((status) => status === 429)).toHaveLength(16);
    expect([...one.complaints(), ...two.complaints()]).toEqual([]);
    vi.useRealTimers(); // or the servers would wait for idle connections until they time out
  });
});

describe('an instance whose store of rate limits fails', () => {
  it('counts in memory without the table, logs it once, and keeps answering', async ({ database, start }) => {
    const one = await start({ RATE_LIMIT: '3', RATE_LIMIT_STORE: 'postgres' });
    expect(allowed(await one.as('ann', 2))).toBe(2);
    await one.countsInStore();
    const before = one.complaints().length;
    await database.query('drop table rate_limits');
    expect(allowed(await one.as('bob', 10))).toBe(3);
    expect(one.complaints()).toHaveLength(before + 1);
  });

  it.skipIf(!HAS_REDIS)(
    'counts in memory without Redis, and in Redis again when Redis is back',
    async ({ redis, start }) => {
      const one = await start({ RATE_LIMIT: '3', RATE_LIMIT_STORE: redis.url });
      expect(allowed(await one.as('ann', 2))).toBe(2);
      await one.countsInStore();
      const before = one.complaints().length;
      await redis.kill();
      expect(allowed(await one.as('bob', 10))).toBe(3);
      expect(one.complaints()).toHaveLength(before + 1);
      await redis.startAgain();
      await one.countsInStore();
      expect(one.recoveries()).toHaveLength(before + 1);
      expect(one.complaints()).toHaveLength(before + 1);
    },
  );

  it.skipIf(!HAS_REDIS)('waits at most a second for a Redis that does not answer', async ({ redis, start }) => {
    const one = await start({ RATE_LIMIT: '3', RATE_LIMIT_STORE: redis.url });
    await one.countsInStore();
    redis.freeze();
    const askedAt = performance.now();
    expect(allowed(await one.as('ann', 10))).toBe(3);
    expect(performance.now() - askedAt).toBeLessThan(3_000);
  });

  it('starts and answers if nothing listens at the address of Redis', async ({ start }) => {
    const one = await start({ RATE_LIMIT: '3', RATE_LIMIT_STORE: 'redis://127.0.0.1:1' });
    expect(allowed(await one.as('ann', 10))).toBe(3);
    expect(one.complaints()).toHaveLength(1);
  });
});

describe('the table of the rate limits', () => {
  it('is cleared of expired rows', async ({ database, connect, onTestFinished }) => {
    const store = new PostgresRateLimits(connect({ poolSize: 1 }), new SystemClock());
    onTestFinished(() => store.close());
    await store.limiter('x', { limit: 1, window: 60 }).take('ann');
    await database.query(`insert into rate_limits values ('x:bob', 1, 1)`);
    await store.sweep();
    expect((await database.query('select key, points from rate_limits')).rows).toEqual([{ key: 'x:ann', points: 1 }]);
  });
});

describe('RATE_LIMIT=off', () => {
  it('limits nobody', async ({ start }) => {
    const one = await start({ RATE_LIMIT: 'off', RATE_LIMIT_FAILED_AUTH: '1' });
    expect(allowed(await one.as('ann', 20))).toBe(20);
    expect(new Set(await one.asNobody(5))).toEqual(new Set([401]));
  });
});

describe('a flood of security events', () => {
  it('is summed up before the server stops', async ({ start }) => {
    const one = await start({ RATE_LIMIT: 'off' });
    await one.asNobody(20);
    const events = () => one.logged.map((line) => JSON.parse(line)).filter(({ event }) => event === 'auth.failed');
    expect(events()).toHaveLength(3);
    await one.stop();
    expect(events().slice(3)).toMatchObject([{ suppressed: 17, addresses: 1 }]);
  });
});
