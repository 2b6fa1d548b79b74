import { describe, expect, vi } from 'vitest';
import { KeySetUnavailable } from '../../application/application-errors.ts';
import { InMemoryRateLimits } from '../../infrastructure/rate-limits/in-memory-rate-limits.ts';
import type { SecurityEvent } from '../../interfaces/http/errors/security-event.ts';
import { SecurityLog, WINDOW_MS } from '../../interfaces/http/pipeline/security-log.ts';
import { itWithApp } from '../support/app-fixtures.ts';
import { type AppOptions, type RunningApp, tokenFor } from '../support/running-app.ts';
import { TickingClock } from '../support/ticking-clock.ts';

interface Flood {
  readonly lines: { event: string; suppressed?: number; addresses?: number; address?: string }[];
  readonly log: SecurityLog;
  send(event: SecurityEvent['event'], address: string, times?: number): void;
}

/**
 * - `eventsOf` returns the events that an app with these options logs while it answers some requests
 * - `flood` writes many events to a SecurityLog, whose timer the test moves
 */
const it = itWithApp()
  .extend(
    'eventsOf',
    ({ startApp }) =>
      async (options: AppOptions, requests: (app: RunningApp) => Promise<unknown>) => {
        const app = await startApp(options);
        await requests(app);
        await app.close();
        return app.logged.map((line) => JSON.parse(line)).filter(({ event }) => event !== undefined);
      },
  )
  .extend('flood', ({ onTestFinished }): Flood => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const lines: Flood['lines'] = [];
    const log = new SecurityLog({ warn: (line: object) => lines.push(line as (typeof lines)[number]) });
    onTestFinished(() => {
      log.flush();
      vi.useRealTimers();
    });
    const send: Flood['send'] = (event, address, times = 1) => {
      for (let time = 0; time < times; time += 1) {
        log.write({ event, address, request_id: 'r', user_id: undefined, reason: 'because' });
      }
    };
    return { lines, log, send };
  });

const id = (name: string) => ({ 'x-request-id': name });

describe('a security event', () => {
  it('reports a failed authentication with the reason and without the token', async ({ eventsOf }) => {
    const token = tokenFor('ann', { exp: 1 });
    const events = await eventsOf({}, async ({ send }) => {
      await send('GET', '/api/ann/tasks?a=secret', { headers: { authorization: `Bearer ${token}`, ...id('r1') } });
      await send('GET', '/api/ann/tasks', { headers: id('r2') });
    });
    const [reason, missing] = ['the token has expired', expect.stringContaining('is missing')];
    expect(events).toMatchObject([
      { level: 'warn', event: 'auth.failed', request_id: 'r1', address: '127.0.0.1', reason },
      { level: 'warn', event: 'auth.failed', request_id: 'r2', address: '127.0.0.1', reason: missing },
    ]);
    const text = JSON.stringify(events);
    for (const part of [...token.split('.'), 'secret', '/api/']) expect(text).not.toContain(part);
  });

  it('reports an unavailable key set', async ({ eventsOf }) => {
    const verify = () => Promise.reject(new KeySetUnavailable('The keys are out of reach, try again', 5));
    const events = await eventsOf({ tokens: { verify } }, (app) =>
      app.as('ann')('GET', '/api/ann/tasks', { headers: id('r1') }),
    );
    expect(events).toMatchObject([
      {
        level: 'warn',
        event: 'auth.key_set_unavailable',
        request_id: 'r1',
        address: '127.0.0.1',
        reason: 'The keys are out of reach, try again',
      },
    ]);
  });

  it('reports a request for the path of another user, with the user of the token', async ({ eventsOf }) => {
    const events = await eventsOf({}, (app) => app.as('ann')('GET', '/api/a-secret-name/tasks', { headers: id('r1') }));
    expect(events).toMatchObject([
      {
        level: 'warn',
        event: 'access.user_mismatch',
        request_id: 'r1',
        address: '127.0.0.1',
        user_id: 'ann',
        reason: expect.any(String),
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('a-secret-name');
  });

  it('reports a request above a limit, and which limit it is', async ({ eventsOf }) => {
    const store = new InMemoryRateLimits(new TickingClock());
    const rate = { limit: 1, window: 60 };
    const limits = {
      user: store.limiter('user', rate),
      failedAuthentication: store.limiter('failed', rate),
      signInNetwork: store.limiter('network', rate),
      signInEmail: store.limiter('email', rate),
    };
    const events = await eventsOf({ limits }, async (app) => {
      for (const name of ['r1', 'r2']) await app.as('ann')('GET', '/api/ann/tasks', { headers: id(name) });
      for (const name of ['r3', 'r4']) await app.send('GET', '/api/ann/tasks', { headers: id(name) });
    });
    expect(events).toMatchObject([
      { level: 'warn', event: 'rate.limited', request_id: 'r2', limit: 'user', user_id: 'ann', address: '127.0.0.1' },
      { level: 'warn', event: 'auth.failed', request_id: 'r3' },
      { level: 'warn', event: 'rate.limited', request_id: 'r4', limit: 'failed-authentication', address: '127.0.0.1' },
    ]);
    expect(events[2].user_id).toBeUndefined();
  });

  it('has the address that the trusted proxies report', async ({ eventsOf }) => {
    const from = async (trustProxy: number, forwarded: string) => {
      const [event] = await eventsOf({ trustProxy }, (app) =>
        app.send('GET', '/api/ann/tasks', { headers: { 'x-forwarded-for': forwarded } }),
      );
      return event.address;
    };
    const chain = '198.51.100.66, 203.0.113.7, 10.0.0.1';
    expect(await from(0, chain)).toBe('127.0.0.1');
    expect(await from(1, chain)).toBe('10.0.0.1');
    expect(await from(2, chain)).toBe('203.0.113.7');
    expect(await from(3, '2001:db8::7')).toBe('2001:db8::7');
    for (const garbage of ['', 'unknown', '","event":"forged', 'x'.repeat(8_000), '203.0.113.7, ']) {
      expect(await from(1, garbage), garbage).toBe('127.0.0.1');
    }
  });
});

describe('a flood of security events', () => {
  it('is summed up when its window closes, from one address', ({ flood: { lines, send } }) => {
    send('auth.failed', '203.0.113.1', 1_000_000);
    expect(lines).toHaveLength(3);
    vi.advanceTimersByTime(WINDOW_MS);
    expect(lines.slice(3)).toEqual([{ event: 'auth.failed', suppressed: 999_997, addresses: 1 }]);
  });

  it('from one address or IPv6 subscriber hides no other address and no other event', ({ flood: { lines, send } }) => {
    for (let host = 1; host <= 1_000; host += 1) send('auth.failed', `2001:db8::${host.toString(16)}`);
    send('auth.failed', '203.0.113.2');
    send('rate.limited', '2001:db8::1');
    expect(lines.slice(3)).toMatchObject([
      { event: 'auth.failed', address: '203.0.113.2' },
      { event: 'rate.limited', address: '2001:db8::1' },
    ]);
  });

  it('from many addresses is limited as well', ({ flood: { lines, send } }) => {
    for (let host = 0; host < 60_000; host += 1) send('auth.failed', `10.0.${host >> 8}.${host & 255}`);
    expect(lines).toHaveLength(50);
    vi.advanceTimersByTime(WINDOW_MS);
    expect(lines.slice(50)).toEqual([{ event: 'auth.failed', suppressed: 59_950, addresses: 1_000 }]);
  });

  it('that is over leaves no timer behind, and later events are logged again', ({ flood: { lines, send } }) => {
    send('auth.failed', '203.0.113.1', 4);
    vi.advanceTimersByTime(WINDOW_MS);
    expect(vi.getTimerCount()).toBe(0);
    send('auth.failed', '203.0.113.1');
    expect(lines).toHaveLength(5);
    vi.advanceTimersByTime(WINDOW_MS);
    expect(lines).toHaveLength(5);
  });

  it('is summed up at once when the server stops', ({ flood: { lines, log, send } }) => {
    send('auth.failed', '203.0.113.1', 10);
    log.flush();
    expect(lines.at(-1)).toEqual({ event: 'auth.failed', suppressed: 7, addresses: 1 });
    expect(vi.getTimerCount()).toBe(0);
  });
});
