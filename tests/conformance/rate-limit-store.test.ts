import { FallingBackRateLimits } from '../../infrastructure/rate-limits/falling-back-rate-limits.ts';
import { InMemoryRateLimits } from '../../infrastructure/rate-limits/in-memory-rate-limits.ts';
import { PostgresRateLimits } from '../../infrastructure/rate-limits/postgres-rate-limits.ts';
import { RedisRateLimits } from '../../infrastructure/rate-limits/redis-rate-limits.ts';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { PREPARING } from '../support/pooler-for-tests.ts';
import { HAS_REDIS, TestRedis } from '../support/redis-for-tests.ts';
import { openWarmDatabase } from '../support/warm-database.ts';
import { itIsARateLimitStore } from './rate-limit-store.ts';

const clock = new SystemClock();

itIsARateLimitStore('InMemoryRateLimits', async () => new InMemoryRateLimits(clock));

for (const prepare of PREPARING) {
  const name = `PostgresRateLimits ${prepare ? 'with' : 'without'} prepared statements`;
  itIsARateLimitStore(name, async (onCleanup) => {
    const store = new PostgresRateLimits(await openWarmDatabase({ prepare }, onCleanup), clock);
    onCleanup(() => store.close());
    return store;
  });
}

itIsARateLimitStore(
  'RedisRateLimits',
  async (onCleanup) => {
    const server = await TestRedis.start();
    onCleanup(() => server.kill());
    const store = new RedisRateLimits(server.url);
    onCleanup(() => store.close());
    return store;
  },
  { skip: !HAS_REDIS },
);

itIsARateLimitStore('FallingBackRateLimits', async () => {
  const nobody = { failed: () => {}, recovered: () => {} };
  return new FallingBackRateLimits(new InMemoryRateLimits(clock), nobody, clock);
});
