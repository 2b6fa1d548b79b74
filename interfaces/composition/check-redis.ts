import { describeCause } from '../../infrastructure/error-code.ts';
import { pingRedis } from '../../infrastructure/rate-limits/ping-redis.ts';
import { maskRedisUrl } from '../../infrastructure/rate-limits/redis-url.ts';
import type { Finding } from './finding.ts';

/** Tries to reach the Redis server that counts requests. @param url `redis://…` or `rediss://…` */
export async function checkRedis(url: string): Promise<Finding> {
  const masked = maskRedisUrl(url);
  try {
    await pingRedis(url);
    return { about: `${masked}, answers` };
  } catch (error) {
    const remedy = 'start Redis, or correct RATE_LIMIT_STORE. Meanwhile, each instance counts in memory';
    return {
      about: `${masked}, does not answer`,
      fault: `The Redis server ${masked} is out of reach (${describeCause(error)}): ${remedy}`,
    };
  }
}
