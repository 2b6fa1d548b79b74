import { afterAll } from 'vitest';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { FallingBackRateLimits } from '../../infrastructure/rate-limits/falling-back-rate-limits.ts';
import { InMemoryRateLimits } from '../../infrastructure/rate-limits/in-memory-rate-limits.ts';
import { PostgresRateLimits } from '../../infrastructure/rate-limits/postgres-rate-limits.ts';
import type { RateLimitStore } from '../../infrastructure/rate-limits/rate-limit-store.ts';
import { RedisRateLimits } from '../../infrastructure/rate-limits/redis-rate-limits.ts';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { HAS_REDIS, TestRedis } from '../support/redis-for-tests.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { itIsARateLimitStore } from './rate-limit-store.ts';

const POOL = 10;
const clock = new SystemClock();
const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

function closed<Store extends RateLimitStore>(store: Store): Store {
  closing.push(() => store.close());
  return store;
}

async function redis(): Promise<RedisRateLimits> {
  const server = await TestRedis.start();
  closing.push(() => server.kill());
  return closed(new RedisRateLimits(server.url));
}

itIsARateLimitStore('InMemoryRateLimits', async () => new InMemoryRateLimits(clock));

for (const prepare of [true, false]) {
  const name = `PostgresRateLimits ${prepare ? 'with' : 'without'} prepared statements`;
  itIsARateLimitStore(name, async () => {
    const test = await createTestDatabase();
    closing.push(() => test.drop());
    const database = new PostgresDatabase({ url: test.url, poolSize: POOL, prepare, timeout: 10_000 });
    closing.push(() => database.close());
    const wait = { name: 'wait', text: 'select pg_sleep(0.05)' };
    await Promise.all(Array.from({ length: POOL }, () => database.run(wait, [])));
    return closed(new PostgresRateLimits(database, clock));
  });
}

itIsARateLimitStore('RedisRateLimits', redis, { skip: !HAS_REDIS });

itIsARateLimitStore('FallingBackRateLimits', async () => {
  const nobody = { failed: () => {}, recovered: () => {} };
  return new FallingBackRateLimits(new InMemoryRateLimits(clock), nobody, clock);
});
