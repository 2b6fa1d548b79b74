import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresRateLimits } from '../../infrastructure/rate-limits/postgres-rate-limits.ts';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { readConfiguration } from '../../interfaces/composition/configuration/configuration.ts';
import { createContainer, Ports } from '../../interfaces/composition/container.ts';
import { HttpServer } from '../../interfaces/http/server/http-server.ts';
import { HAS_REDIS, TestRedis } from '../support/redis-for-tests.ts';
import { SECRET, sender, tokenFor } from '../support/running-app.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closing.splice(0).reverse()) await close();
});

async function aDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  closing.push(() => database.drop());
  return database;
}

/** One instance of the whole server. */
async function instance(databaseUrl: string, settings: Record<string, string>) {
  const env = { DATABASE_URL: databaseUrl, BETTER_AUTH_SECRET: SECRET, ...settings };
  const logged: string[] = [];
  const sink = new Writable({
    write(line, _encoding, done) {
      logged.push(String(line));
      done();
    },
  });
  const container = createContainer({ ...readConfiguration(env), databaseUrl }, pino(sink));
  closing.push(() => container.unbindAllAsync());
  const server = await HttpServer.listen(container.get(Ports.App), { host: '127.0.0.1', port: 0 });
  closing.push(() => server.close(0));
  const send = sender(server.url);
  const statuses = async (times: number, user: string, headers: Record<string, string>) =>
    (await Promise.all(Array.from({ length: times }, () => send('GET', `/api/${user}/tasks`, { headers })))).map(
      ({ status }) => status,
    );
  const as = (user: string, times: number) => statuses(times, user, { authorization: `Bearer ${tokenFor(user)}` });
  const complaints = () => logged.filter((line) => line.includes('the rate limit store fails'));
  const recoveries = () => logged.filter((line) => line.includes('the rate limit store works again'));
  return {
    /** The statuses of so many requests at the same time. */
    as,
    asNobody: (times: number) => statuses(times, 'ann', {}),
    /** Resolves once it counts in its store, however busy the machine was until then. */
    countsInStore: () =>
      expect.poll(() => as('somebody', 1).then(() => complaints().length - recoveries().length)).toBe(0),
    stop: () => container.unbindAllAsync(),
    logged,
    complaints,
    recoveries,
  };
}

const allowed = (statuses: number[]) => statuses.filter((status) => status === 200).length;

const STORES: [name: string, skip: boolean, open: () => Promise<string>][] = [
  ['postgres', false, async () => 'postgres'],
  [
    'Redis',
    !HAS_REDIS,
    async () => {
      const redis = await TestRedis.start();
      closing.push(() => redis.kill());
      return redis.url;
    },
  ],
];

describe.each(STORES)('two instances over %s', (_, skip, open) => {
  it.skipIf(skip)('share one quota of a user, and one of an address, also when all come at the same time', async () => {
    const [{ url }, store] = [await aDatabase(), await open()];
    vi.useFakeTimers({ toFake: ['setTimeout'] }); // so that a slow machine does not count as a store that fails
    const settings = { RATE_LIMIT: '10', RATE_LIMIT_FAILED_AUTH: '4', RATE_LIMIT_STORE: store };
    const [one, two] = [await instance(url, settings), await instance(url, settings)];
    const statuses = (await Promise.all([one.as('ann', 25), two.as('ann', 25)])).flat();
    expect(allowed(statuses)).toBe(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
    const failed = (await Promise.all([one.asNobody(10), two.asNobody(10)])).flat();
    expect(failed.filter((status) => status === 401)).toHaveLength(4);
    expect(failed.filter((status) => status === 429)).toHaveLength(16);
    expect([...one.complaints(), ...two.complaints()]).toEqual([]);
  });
});

describe('an instance whose store of rate limits fails', () => {
  it('counts in memory without the table, says so once, and answers all the same', async () => {
    const database = await aDatabase();
    const one = await instance(database.url, { RATE_LIMIT: '3', RATE_LIMIT_STORE: 'postgres' });
    expect(allowed(await one.as('ann', 2))).toBe(2);
    await one.countsInStore();
    const before = one.complaints().length;
    await database.query('drop table rate_limits');
    expect(allowed(await one.as('bob', 10))).toBe(3);
    expect(one.complaints()).toHaveLength(before + 1);
  });

  it.skipIf(!HAS_REDIS)('counts in memory without Redis, and in Redis again when that is back', async () => {
    const redis = await TestRedis.start();
    closing.push(() => redis.kill());
    const { url } = await aDatabase();
    const one = await instance(url, { RATE_LIMIT: '3', RATE_LIMIT_STORE: redis.url });
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
  });

  it.skipIf(!HAS_REDIS)('waits no longer than a second for a Redis that does not answer', async () => {
    const redis = await TestRedis.start();
    closing.push(() => redis.kill());
    const { url } = await aDatabase();
    const one = await instance(url, { RATE_LIMIT: '3', RATE_LIMIT_STORE: redis.url });
    await one.countsInStore();
    redis.freeze();
    const start = performance.now();
    expect(allowed(await one.as('ann', 10))).toBe(3);
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  it('starts and answers where nothing listens at the address of the Redis', async () => {
    const { url } = await aDatabase();
    const one = await instance(url, { RATE_LIMIT: '3', RATE_LIMIT_STORE: 'redis://127.0.0.1:1' });
    expect(allowed(await one.as('ann', 10))).toBe(3);
    expect(one.complaints()).toHaveLength(1);
  });
});

describe('the table of the rate limits', () => {
  it('is swept of what has expired', async () => {
    const test = await aDatabase();
    const database = new PostgresDatabase({ url: test.url, poolSize: 1, prepare: true, timeout: 10_000 });
    closing.push(() => database.close());
    const store = new PostgresRateLimits(database, new SystemClock());
    closing.push(() => store.close());
    await store.limiter('x', { limit: 1, window: 60 }).take('ann');
    await test.query(`insert into rate_limits values ('x:bob', 1, 1)`);
    await store.sweep();
    expect((await test.query('select key, points from rate_limits')).rows).toEqual([{ key: 'x:ann', points: 1 }]);
  });
});

describe('RATE_LIMIT=off', () => {
  it('limits nobody', async () => {
    const { url } = await aDatabase();
    const one = await instance(url, { RATE_LIMIT: 'off', RATE_LIMIT_FAILED_AUTH: '1' });
    expect(allowed(await one.as('ann', 20))).toBe(20);
    expect(new Set(await one.asNobody(5))).toEqual(new Set([401]));
  });
});

describe('a flood of security events', () => {
  it('is summed up before the server is gone', async () => {
    const { url } = await aDatabase();
    const one = await instance(url, { RATE_LIMIT: 'off' });
    await one.asNobody(20);
    const events = () => one.logged.map((line) => JSON.parse(line)).filter(({ event }) => event === 'auth.failed');
    expect(events()).toHaveLength(3);
    await one.stop();
    expect(events().slice(3)).toMatchObject([{ suppressed: 17, addresses: 1 }]);
  });
});
