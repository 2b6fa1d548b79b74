import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { UserId } from '../../domain/user-id.ts';
import { PostgresTaskPositions } from '../../infrastructure/postgres/tasks/postgres-task-positions.ts';
import { MAIN, startProcess } from '../support/command-process.ts';
import { itWithDatabasePerTest } from '../support/database-fixtures.ts';
import { readMetrics } from '../support/metrics-page.ts';
import { SECRET, sender, tokenFor } from '../support/running-app.ts';

const STREAMS = 10_000;
/** How many clients connect at the same time. */
const CONNECTING = 100;
const MEASURED_MS = 20_000;
const CLOCK_TICKS_PER_SECOND = 100;

const it = itWithDatabasePerTest().extend('server', async ({ database }, { onCleanup }) => {
  const env = {
    ENVIRONMENT: 'staging',
    PORT: '0',
    METRICS_PORT: '0',
    DATABASE_URL: database.url,
    BETTER_AUTH_SECRET: SECRET,
    RATE_LIMIT: 'off',
  };
  const { child, ended, waitFor, text } = startProcess({
    folder: tmpdir(),
    env,
    args: ['--max-old-space-size=256', MAIN, 'serve'],
  });
  onCleanup(async () => {
    child.kill();
    await ended;
  });
  const url = await waitFor((out) => /"url":"([^"]+)".*"msg":"ready"/.exec(out)?.[1]);
  const metrics = await waitFor((out) => /"metrics":"([^"]+)"/.exec(out)?.[1]);
  const proc = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    url,
    text,
    /** Resident memory in MiB. */
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(proc('status'))?.[1]) / 1024,
    /** Processor time in seconds. */
    cpu: () => {
      const fields = proc('stat').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
    },
    streams: async () => readMetrics(await (await fetch(metrics)).text()).get('taskwell_event_streams'),
  };
});

/** Opens a stream, and resolves once the first event has arrived. `received` is what arrives later. */
async function open(url: string, user: string): Promise<{ socket: Socket; received: () => string }> {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
  let received = '';
  const first = new Promise<void>((resolve, reject) => {
    socket.on('error', reject).on('data', (text) => {
      received += text;
      if (received.includes('data: ')) resolve();
      else if (received.includes('}') && !received.startsWith('HTTP/1.1 200 ')) reject(new Error(received));
    });
  });
  socket.write(
    `GET /api/${user}/tasks/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenFor(user, { exp: undefined }, { expiresIn: '1h' })}\r\n\r\n`,
  );
  await first;
  received = '';
  return { socket, received: () => received };
}

/** Tries again while the server is overloaded, as it says. */
async function openPatiently(url: string, user: string): ReturnType<typeof open> {
  for (;;) {
    try {
      return await open(url, user);
    } catch (error) {
      if (!String(error).includes('Retry-After: 1')) throw error;
      await pause(1_000);
    }
  }
}

/** Opens a stream for each user, some at a time. */
async function openAll(url: string, users: readonly string[]) {
  const opened: Awaited<ReturnType<typeof open>>[] = [];
  for (let start = 0; start < users.length; start += CONNECTING) {
    opened.push(...(await Promise.all(users.slice(start, start + CONNECTING).map((user) => openPatiently(url, user)))));
  }
  return opened;
}

describe(`${STREAMS} idle streams of as many users on one instance`, () => {
  it('need bounded memory and little processor time, and leave nothing behind', async ({
    server,
    database,
    connect,
  }) => {
    const users = Array.from({ length: STREAMS }, (_, n) => UserId(`user-${n}`));
    await database.query(`insert into task_counters select 'user-' || n, 1, 1 from generate_series(0, 99999) as n`);
    await database.query('analyze task_counters');
    const { url, rss, cpu, streams } = server;
    const send = sender(url);
    const create = (user: string) =>
      send('POST', `/api/${user}/tasks`, {
        headers: { authorization: `Bearer ${tokenFor(user)}`, 'content-type': 'application/json' },
        body: { title: 'Buy groceries' },
      });
    for (let n = 0; n < 500; n += 1) await create('somebody');
    const before = rss();

    const openedAtMs = performance.now();
    const opened = await openAll(url, users);
    const openingMs = performance.now() - openedAtMs;
    expect(await streams()).toBe(STREAMS);

    const [cpuBefore, startMs] = [cpu(), performance.now()];
    await pause(MEASURED_MS); // the time in which the idle streams are observed
    const load = (1000 * (cpu() - cpuBefore)) / (performance.now() - startMs);
    const during = rss();
    expect(opened.filter(({ received }) => received().includes(':\n\n')).length).toBeGreaterThan(STREAMS / 2);

    const positions = new PostgresTaskPositions(connect({ url: database.url }));
    const readings: number[] = [];
    for (let reading = 0; reading < 5; reading += 1) {
      const readAtMs = performance.now();
      expect((await positions.lastOf(users)).size).toBe(STREAMS);
      readings.push(performance.now() - readAtMs);
    }

    const [last] = opened.slice(-1);
    const writtenAtMs = performance.now();
    expect((await create(`user-${STREAMS - 1}`)).status).toBe(201);
    await expect.poll(() => last?.received(), { timeout: 30_000 }).toContain('data: {"position":2}');
    const delayMs = performance.now() - writtenAtMs;
    expect(opened.filter(({ received }) => received().includes('data: '))).toHaveLength(1);

    const leftAtMs = performance.now();
    for (const { socket } of opened) socket.destroy();
    await expect.poll(streams, { timeout: 60_000 }).toBe(0);
    const leavingMs = performance.now() - leftAtMs;
    const after = rss();
    const again = await openAll(url, users);
    const duringAgain = rss();
    for (const { socket } of again) socket.destroy();
    await expect.poll(streams, { timeout: 60_000 }).toBe(0);
    process.stdout.write(
      `${STREAMS} streams: opened in ${(openingMs / 1000).toFixed(1)} s; RSS ${before.toFixed()} MiB before, ` +
        `${during.toFixed()} MiB with them, ${after.toFixed()} MiB after, ${duringAgain.toFixed()} MiB with as many again; ${(100 * load).toFixed(1)} % of a processor; ` +
        `reading all positions takes ${Math.min(...readings).toFixed()} ms; a write is told after ${delayMs.toFixed()} ms; ` +
        `gone after ${leavingMs.toFixed()} ms\n`,
    );
    expect(during - before).toBeLessThan(400);
    expect(duringAgain - before).toBeLessThan(400);
    expect(load).toBeLessThan(0.5);
  });
});
