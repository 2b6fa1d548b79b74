import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Quota } from '../../application/ports/rate-limiter.ts';
import { FallingBackRateLimits } from '../../infrastructure/rate-limits/falling-back-rate-limits.ts';
import { InMemoryRateLimits } from '../../infrastructure/rate-limits/in-memory-rate-limits.ts';
import { TickingClock } from '../support/ticking-clock.ts';

describe('rate limits in memory', () => {
  it('remember a limited number of keys, the most recently used ones', async () => {
    const limiter = new InMemoryRateLimits(new TickingClock(), 2).limiter('x', { limit: 1, window: 60 });
    expect((await limiter.take('ann')).allowed).toBe(true);
    expect((await limiter.take('bob')).allowed).toBe(true);
    expect((await limiter.take('ann')).allowed).toBe(false);
    expect((await limiter.take('eve')).allowed).toBe(true); // bob is forgotten
    expect((await limiter.take('ann')).allowed).toBe(false);
    expect((await limiter.take('bob')).allowed).toBe(true);
  });

  it('report a whole window to the first request, at any fraction of a millisecond', async () => {
    const clock = new TickingClock();
    const limiter = new InMemoryRateLimits(clock).limiter('x', { limit: 1, window: 60 });
    for (let request = 0; request < 2_000; request += 1) {
      clock.advance(7.3);
      expect((await limiter.take(`user-${request}`)).resetAfter).toBe(60);
    }
  });

  it('report the time until the window of a key ends, and then start a new one', async () => {
    const clock = new TickingClock();
    const limiter = new InMemoryRateLimits(clock).limiter('x', { limit: 1, window: 60 });
    await limiter.take('ann');
    clock.advance(20_500);
    expect(await limiter.take('ann')).toEqual({ allowed: false, remaining: 0, resetAfter: 40 });
    clock.advance(39_499);
    expect(await limiter.take('ann')).toEqual({ allowed: false, remaining: 0, resetAfter: 1 });
    clock.advance(1);
    expect(await limiter.take('ann')).toEqual({ allowed: true, remaining: 0, resetAfter: 60 });
  });
});

describe('rate limits whose store fails', () => {
  const RATE = { limit: 2, window: 60 };
  const FROM_STORE: Quota = { allowed: true, remaining: 77, resetAfter: 7 };
  let answer: () => Promise<Quota>;
  let asked: number;
  let told: string[];
  let clock: TickingClock;

  function limiter() {
    const take = () => {
      asked += 1;
      return answer();
    };
    const store = { limiter: () => ({ rate: RATE, take }), close: async () => {} };
    const watch = { failed: (error: unknown) => told.push(String(error)), recovered: () => told.push('recovered') };
    return new FallingBackRateLimits(store, watch, clock).limiter('x', RATE);
  }
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    clock = new TickingClock();
    [asked, told] = [0, []];
    answer = () => Promise.reject(new Error('down'));
  });
  afterEach(() => vi.useRealTimers());
  const elapse = async (milliseconds: number) => {
    clock.advance(milliseconds);
    await vi.advanceTimersByTimeAsync(milliseconds);
  };

  it('count in memory, and log it once', async () => {
    const limits = limiter();
    const allowed = [];
    for (let request = 0; request < 4; request += 1) allowed.push((await limits.take('ann')).allowed);
    expect(allowed).toEqual([true, true, false, false]);
    expect(told).toEqual(['Error: down']);
  });

  it('try the store once a second until it works again', async () => {
    const limits = limiter();
    for (let request = 0; request < 10; request += 1) await limits.take('ann');
    expect(asked).toBe(1);
    await elapse(1_000);
    await Promise.all(Array.from({ length: 10 }, () => limits.take('ann')));
    expect(asked).toBe(2);
    answer = async () => FROM_STORE;
    await elapse(1_000);
    expect(await limits.take('ann')).toBe(FROM_STORE);
    expect(await limits.take('ann')).toBe(FROM_STORE);
    expect(told).toEqual(['Error: down', 'recovered']);
  });

  it('log once that a slow store fails, however many requests were in flight', async () => {
    const limits = limiter();
    const answers: ((quota: Quota) => void)[] = [];
    answer = () => new Promise((resolve) => void answers.push(resolve));
    const early = limits.take('ann');
    await elapse(900);
    const late = limits.take('bob');
    await elapse(100);
    await early;
    answers[1]?.(FROM_STORE);
    expect(await late).toBe(FROM_STORE);
    await limits.take('eve');
    expect([asked, told]).toEqual([2, ['Error: no answer within 1000 ms']]);
  });

  it('wait a second for a store that does not answer, only once', async () => {
    const limits = limiter();
    answer = () => new Promise(() => {});
    const first = limits.take('ann');
    await elapse(1_000);
    expect((await first).remaining).toBe(1);
    expect((await limits.take('ann')).remaining).toBe(0);
    expect(told).toEqual(['Error: no answer within 1000 ms']);
    expect(vi.getTimerCount()).toBeLessThanOrEqual(1); // the window of ann
  });
});
