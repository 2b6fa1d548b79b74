import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Quota, RateLimiter } from '../../application/ports/rate-limiter.ts';
import type { RateLimitStore } from '../../infrastructure/rate-limits/rate-limit-store.ts';
import { Cleanup, type OnCleanup } from './cleanup.ts';

/**
 * Defines the tests that every RateLimitStore has to pass. Call it in a test file of Vitest.
 *
 * @param name of the store, for the name of the suite
 * @param open opens the store, once. It may pass functions to `onCleanup`, such as one that closes a connection; they run
 *   after the last test, the last one first. The tests call the store concurrently: a store with a connection pool should
 *   open its connections in advance, because a new connection delays a call and hides a race.
 * @param options `skip`: whether to skip the tests, for example because the server that the store needs is missing
 */
export function itIsARateLimitStore(
  name: string,
  open: (onCleanup: OnCleanup) => Promise<RateLimitStore>,
  { skip = false }: { skip?: boolean } = {},
): void {
  describe.skipIf(skip)(`${name} as a RateLimitStore`, () => {
    let store: RateLimitStore;
    const cleanup = new Cleanup();
    beforeAll(async () => {
      store = await open(cleanup.add);
    });
    afterAll(cleanup.run);
    const aLimiter = (limit: number, window = 60) => store.limiter(randomUUID(), { limit, window });

    it('allows requests up to the limit, and returns how many are left', async () => {
      const limiter = aLimiter(3);
      const began = performance.now();
      expect(limiter.rate).toEqual({ limit: 3, window: 60 });
      for (const remaining of [2, 1, 0]) {
        expect(await limiter.take('ann')).toMatchObject({ allowed: true, remaining });
      }
      for (let more = 0; more < 3; more += 1) {
        const quota = await limiter.take('ann');
        expect(quota).toMatchObject({ allowed: false, remaining: 0 });
        const elapsed = (performance.now() - began) / 1_000;
        expect(quota.resetAfter).toBeGreaterThanOrEqual(Math.floor(60 - elapsed));
        expect(quota.resetAfter).toBeLessThanOrEqual(60);
      }
    });

    it('counts each key separately, whatever characters it contains', async () => {
      const limiter = aLimiter(1);
      const keys = ['ann', 'Ann', 'ann ', '2001:db8::/64', "o'brien; drop table rate_limits", '🛒'.repeat(255)];
      for (const key of keys) expect((await limiter.take(key)).allowed, key).toBe(true);
      for (const key of keys) expect((await limiter.take(key)).allowed, key).toBe(false);
    });

    it('counts each limiter separately', async () => {
      const [one, other] = [aLimiter(1), aLimiter(1)];
      expect((await one.take('ann')).allowed).toBe(true);
      expect((await other.take('ann')).allowed).toBe(true);
      expect((await one.take('ann')).allowed).toBe(false);
    });

    it('allows exactly the limit when requests are concurrent', async () => {
      const limiter = aLimiter(10);
      const quotas = await Promise.all(Array.from({ length: 50 }, () => limiter.take('ann')));
      expect(quotas.filter(({ allowed }) => allowed)).toHaveLength(10);
      expect(new Set(quotas.filter(({ allowed }) => allowed).map(({ remaining }) => remaining)).size).toBe(10);
    });

    it('starts a new window when the old one ends', async () => {
      let limiter: RateLimiter;
      let began: number;
      let second: Quota;
      do {
        limiter = aLimiter(1, 1);
        began = performance.now();
        expect(await limiter.take('ann')).toEqual({ allowed: true, remaining: 0, resetAfter: 1 });
        second = await limiter.take('ann');
      } while (performance.now() - began > 900); // it was over meanwhile
      expect(second.allowed).toBe(false);
      await pause(1_100);
      expect(await limiter.take('ann')).toEqual({ allowed: true, remaining: 0, resetAfter: 1 });
    });
  });
}
