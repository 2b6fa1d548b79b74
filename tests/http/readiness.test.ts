import { describe, expect, it, vi } from 'vitest';
import { Readiness, type Verdict } from '../../interfaces/http/server/readiness.ts';
import { startApp } from '../support/running-app.ts';
import { TickingClock } from '../support/ticking-clock.ts';

const READY: Verdict = { ready: true };
const OLDER: Verdict = { ready: false, reason: 'the schema is older' };
const OUT_OF_REACH: Verdict = { ready: false, reason: 'the database is out of reach' };

function readiness(check: () => Promise<Verdict>) {
  const clock = new TickingClock();
  const lines: string[] = [];
  const write = (...args: unknown[]) => void lines.push(args.map((arg) => JSON.stringify(arg)).join(' '));
  const subject = new Readiness(check, clock, { info: write, warn: write } as never);
  return { subject, clock, lines };
}

describe('an instance', () => {
  it('is not ready while it starts or drains, and asks nobody then', async () => {
    const check = vi.fn(async () => READY);
    const { subject } = readiness(check);
    expect(await subject.verdict()).toEqual({ ready: false, reason: 'the server is starting' });
    subject.beginServing();
    expect(await subject.verdict()).toEqual(READY);
    subject.beginDraining();
    expect(await subject.verdict()).toEqual({ ready: false, reason: 'the server is draining' });
    expect(check).toHaveBeenCalledTimes(1);
  });

  it('asks the database at most once a second, however many probes there are', async () => {
    const check = vi.fn(async () => READY);
    const { subject, clock } = readiness(check);
    subject.beginServing();
    await Promise.all(Array.from({ length: 50 }, () => subject.verdict()));
    clock.advance(999);
    await subject.verdict();
    expect(check).toHaveBeenCalledTimes(1);
    clock.advance(1);
    await subject.verdict();
    expect(check).toHaveBeenCalledTimes(2);
  });

  it('is not ready when the database fails, or does not answer for two seconds', async () => {
    const failing = readiness(() => Promise.reject(new Error('ECONNREFUSED')));
    failing.subject.beginServing();
    expect(await failing.subject.verdict()).toEqual(OUT_OF_REACH);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const silent = readiness(() => new Promise(() => {}));
      silent.subject.beginServing();
      const verdict = silent.subject.verdict();
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await verdict).toEqual(OUT_OF_REACH);
    } finally {
      vi.useRealTimers();
    }
  });

  it('logs each change once', async () => {
    const newer: Verdict = { ready: true, note: 'the schema is newer' };
    const verdicts = [READY, OLDER, OLDER, OUT_OF_REACH, READY, newer, newer];
    const { subject, clock, lines } = readiness(async () => verdicts.shift() ?? READY);
    subject.beginServing();
    while (verdicts.length > 0) {
      await subject.verdict();
      clock.advance(1_000);
    }
    expect(lines).toEqual([
      '{"reason":"the schema is older"} "not ready"',
      '{"reason":"the database is out of reach"} "not ready"',
      '"ready again"',
      '"the schema is newer"',
    ]);
  });
});

describe('GET /ready', () => {
  it('is 200 or 503, with the reason, at every place, without a token and uncached', async () => {
    let verdict: Verdict = READY;
    const app = await startApp({ readiness: { verdict: async () => verdict } });
    try {
      for (const path of ['/ready', '/contracts/002-backend-api/ready', '/ready/']) {
        verdict = READY;
        const ready = await app.send('GET', path);
        expect(ready).toMatchObject({ status: 200, body: { status: 'ready', timestamp: expect.any(String) } });
        expect(ready.headers.get('cache-control')).toBe('no-store');
        verdict = OLDER;
        expect(await app.send('GET', path)).toMatchObject({
          status: 503,
          body: { status: 'not_ready', reason: 'the schema is older', timestamp: expect.any(String) },
        });
        expect((await app.send('GET', '/health')).status).toBe(200);
      }
    } finally {
      await app.close();
    }
  });
});
