import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect } from 'vitest';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import { UserId } from '../../domain/user-id.ts';
import { InMemoryTaskRepository } from '../../infrastructure/in-memory/in-memory-task-repository.ts';
import { PrometheusMetrics } from '../../infrastructure/metrics/prometheus-metrics.ts';
import { actionsOn } from '../conformance/actions.ts';
import { aNewTask } from '../conformance/builders.ts';
import { itWithApp } from '../support/app-fixtures.ts';
import { openEvents } from '../support/event-stream-client.ts';
import { ManualTimer } from '../support/manual-timer.ts';
import { sumOf } from '../support/metrics-page.ts';
import { PAGE, type RunningApp, tokenFor } from '../support/running-app.ts';
import { TickingClock } from '../support/ticking-clock.ts';

/** `open` opens a stream of a user; the client leaves after the test. */
const it = itWithApp().extend(
  'open',
  ({ onTestFinished }) =>
    async ({ url }: Pick<RunningApp, 'url'>, user: string, headers: Readonly<Record<string, string>> = {}) => {
      const authorization = `Bearer ${tokenFor(user)}`;
      const events = await openEvents(url, `/api/${user}/tasks/events`, { authorization, ...headers });
      onTestFinished(() => events.leave());
      return events;
    },
);

/** Accepts any token as a user id, until a time. */
const tokensUntil = (expiresAtMs: number): TokenVerifier => ({
  verify: async () => ({ user: UserId('ann'), expiresAtMs }),
});

describe('a stream of events', () => {
  it('is neither cached nor buffered, and can be read by pages', async ({ app, open }) => {
    const { headers } = await open(app, 'ann', { origin: PAGE });
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'access-control-allow-origin': PAGE,
      'transfer-encoding': 'chunked',
    });
    expect(headers).not.toHaveProperty('content-length');
  });

  it('ends in order when its token expires', async ({ startApp, open }) => {
    const timer = new ManualTimer();
    const app = await startApp({ timer, tokens: tokensUntil(Date.now()) });
    const events = await open(app, 'ann');
    await expect.poll(events.positions).toEqual([0]);
    await timer.tick();
    expect(await events.ended).toBe(true);
    expect(app.watchTasks.count).toBe(0);
  });

  it('says that nothing changed by a comment', async ({ startApp, open }) => {
    const timer = new ManualTimer();
    const events = await open(await startApp({ timer }), 'ann');
    await expect.poll(events.positions).toEqual([0]);
    await timer.tick(40);
    await expect.poll(events.text).toMatch(/"position":0}\n\n:\n\n$/);
  });

  it('works with HTTP/1.0', async ({ app, onTestFinished }) => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1').setEncoding('utf8');
    onTestFinished(() => void socket.destroy());
    let received = '';
    socket.on('data', (text) => {
      received += text;
    });
    socket.write(`GET /api/old/tasks/events HTTP/1.0\r\nAuthorization: Bearer ${tokenFor('old')}\r\n\r\n`);
    await expect
      .poll(() => received)
      .toMatch(/\r\n\r\nretry: 3000\n\nevent: position\nid: 0\ndata: {"position":0}\n\n$/);
    expect(received).not.toMatch(/transfer-encoding/i);
  });

  it('leaves nothing behind when its client leaves, also before it begins, nor after HEAD', async ({
    startApp,
    open,
  }) => {
    const [timer, tasks] = [new ManualTimer(), new InMemoryTaskRepository(new TickingClock())];
    const app = await startApp({ timer, tasks });
    const events = [await open(app, 'ann'), await open(app, 'ann'), await open(app, 'bob')];
    expect([app.watchTasks.count, timer.isRunning]).toEqual([3, true]);
    for (const one of events) one.leave();
    await expect.poll(() => app.watchTasks.count).toBe(0);
    expect(timer.isRunning).toBe(false);

    const { status, headers, text } = await app.as('ann')('HEAD', '/api/ann/tasks/events');
    expect({ status, text, type: headers.get('content-type') }).toEqual({
      status: 200,
      text: '',
      type: 'text/event-stream',
    });
    await expect.poll(() => app.watchTasks.count).toBe(0);

    let release = () => {};
    const held = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    tasks.ownedBy(UserId('ann')).state = () => held;
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write(`GET /api/ann/tasks/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenFor('ann')}\r\n\r\n`);
    await expect.poll(() => app.watchTasks.count).toBe(1);
    socket.destroy();
    await expect.poll(async () => (await app.send('GET', '/health')).status).toBe(200);
    release();
    await expect.poll(() => app.watchTasks.count).toBe(0);
    expect(timer.isRunning).toBe(false);
  });

  it('is cut off if its client stops reading', async ({ startApp }) => {
    const [timer, tasks] = [new ManualTimer(), new InMemoryTaskRepository(new TickingClock())];
    const app = await startApp({ timer, tasks, httpLimits: { stallTimeoutMs: 1_000 } });
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1').on('error', () => {});
    socket.write(`GET /api/ann/tasks/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenFor('ann')}\r\n\r\n`);
    await once(socket, 'data');
    socket.pause();
    const ann = tasks.ownedBy(UserId('ann'));
    let position = 0;
    ann.state = async () => {
      position += 1;
      return { position, startedAt: new TickingClock().now() };
    };
    while (app.watchTasks.count > 0) await timer.tick(); // as many events as the buffers between the two hold
    expect(position).toBeGreaterThan(1_000);
    socket.destroy();
  });

  it('ends when the server stops, before the connections are cut', async ({ startApp, open }) => {
    const app = await startApp({ httpLimits: { drainingIdleMs: 50 } });
    const events = await open(app, 'ann');
    app.watchTasks.close();
    expect((await app.as('ann')('GET', '/api/ann/tasks/events')).status).toBe(503);
    await app.close(60_000);
    expect(await events.ended).toBe(true);
  });
});

describe('the streams of events', () => {
  it('are bounded, with a 503 beyond', async ({ startApp, open }) => {
    const app = await startApp({ watchLimits: { perUser: 2, total: 3 } });
    const first = await open(app, 'ann');
    expect([(await open(app, 'ann')).status, (await open(app, 'ann')).status]).toEqual([200, 503]);
    expect([(await open(app, 'bob')).status, (await open(app, 'eve')).status]).toEqual([200, 503]);
    const refused = await app.as('eve')('GET', '/api/eve/tasks/events');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.body).toEqual({ error: 'service_unavailable', detail: expect.stringContaining('event streams') });
    first.leave();
    await expect.poll(async () => (await open(app, 'eve')).status).toBe(200);
    expect(app.logged.join('\n')).not.toMatch(/"level":"(warn|error)"/);
  });

  it('count neither as requests in flight nor as unread responses', async ({ startApp, open }) => {
    const metrics = new PrometheusMetrics();
    const limits = { inFlight: 2, eventLoopDelayMs: 1_000 };
    const app = await startApp({ metrics, admissionLimits: limits, unreadLimits: { userBytes: 1, totalBytes: 1 } });
    const opened = [];
    for (let stream = 0; stream < 10; stream += 1) opened.push(await open(app, 'ann'));
    expect(opened.map(({ status }) => status)).toEqual(Array.from(opened, () => 200));
    expect((await app.as('ann')('GET', '/api/ann/tasks')).status).toBe(200);
    const page = await metrics.page();
    const count = (...labels: string[]) => sumOf(page, 'taskwell_http_request_duration_seconds_count', ...labels);
    expect(count('operation="watchTasks"', 'status="200"')).toBe(10);
    expect(sumOf(page, 'taskwell_http_requests_in_flight')).toBe(0);
    for (const { leave } of opened) leave();
    await expect.poll(() => app.watchTasks.count).toBe(0);
    expect(count()).toBe(11);
    expect(await metrics.page().then((later) => sumOf(later, 'taskwell_http_request_duration_seconds_count'))).toBe(11);
    expect(await metrics.page().then((later) => sumOf(later, 'taskwell_http_requests_in_flight'))).toBe(0);
  });

  it('share what one client needs: a write of the user reaches each', async ({ startApp, open }) => {
    const tasks = new InMemoryTaskRepository(new TickingClock());
    const app = await startApp({ tasks });
    const all = [await open(app, 'ann'), await open(app, 'ann'), await open(app, 'bob')];
    await actionsOn(tasks.ownedBy(UserId('ann'))).add(aNewTask());
    await expect.poll(() => all.map((one) => one.positions())).toEqual([[0, 1], [0, 1], [0]]);
  });
});
