import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import type { OwnedTasks } from '../../application/ports/task-repository.ts';
import { InMemoryTaskRepository } from '../../infrastructure/in-memory/in-memory-task-repository.ts';
import { itWithApp } from '../support/app-fixtures.ts';
import { type RunningApp, tokenFor } from '../support/running-app.ts';
import { TickingClock } from '../support/ticking-clock.ts';

const it = itWithApp();

async function connectTo({ url }: Pick<RunningApp, 'url'>): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'connect');
  return { socket, received: () => text };
}

const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));

function post(user: string, title: string, more = ''): string {
  const body = JSON.stringify({ title });
  return (
    `POST /api/${user}/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenFor(user)}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`
  );
}

/** A repository whose lists wait until the test lets them go on. */
function holdingTasks() {
  const repository = new InMemoryTaskRepository(new TickingClock());
  const held: (() => void)[] = [];
  let most = 0;
  let now = 0;
  const tasks = {
    ownedBy: (owner: Parameters<typeof repository.ownedBy>[0]): OwnedTasks => ({
      find: (task) => repository.ownedBy(owner).find(task),
      page: (...args) => repository.ownedBy(owner).page(...args),
      state: () => repository.ownedBy(owner).state(),
      changes: (after, limit) => repository.ownedBy(owner).changes(after, limit),
      statistics: () => repository.ownedBy(owner).statistics(),
      write: (write) => repository.ownedBy(owner).write(write),
      removeAll: () => repository.ownedBy(owner).removeAll(),
      async *list(query) {
        now += 1;
        most = Math.max(most, now);
        await new Promise<void>((resolve) => held.push(resolve));
        now -= 1;
        yield* repository.ownedBy(owner).list(query);
      },
    }),
  };
  return { tasks, held, most: () => most };
}

describe('a client', () => {
  it.for([
    ['headers', 'GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['a body', post('slow', 'x').replace(/Content-Length: \d+/, 'Content-Length: 100000')],
  ] as const)('that sends %s slowly gets 408 when its time is up', async ([_, bytes], { startApp }) => {
    const app = await startApp({
      httpLimits: { headersTimeoutMs: 300, requestTimeoutMs: 600, checkIntervalMs: 50 },
    });
    const { socket, received } = await connectTo(app);
    socket.write(bytes);
    const timer = setInterval(() => socket.write('a'), 20);
    await once(socket, 'close');
    clearInterval(timer);
    expect(statuses(received())).toEqual([408]);
  });

  it('that never sends a request is cut', async ({ startApp }) => {
    const app = await startApp({ httpLimits: { stallTimeoutMs: 200 } });
    const { socket, received } = await connectTo(app);
    await once(socket, 'close');
    expect(received()).toBe('');
  });

  it('that sends 100 KiB of headers gets all of its 431', async ({ app }) => {
    const { socket, received } = await connectTo(app);
    socket.write(`GET /health HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(100 * 1024)}\r\n\r\n`);
    await once(socket, 'close');
    expect(statuses(received())).toEqual([431]);
    expect(received()).toContain('"error":"headers_too_large"');
  });

  it('that sends a gzip bomb gets 413 before it is inflated', async ({ send, user }) => {
    const bomb = gzipSync(Buffer.alloc(128 * 1024 * 1024, 0x20), { level: 9 });
    expect(bomb.length).toBeLessThan(1024 * 1024);
    const before = process.memoryUsage.rss();
    const answer = await send('POST', `/api/${user}/tasks`, { body: bomb, headers: { 'content-encoding': 'gzip' } });
    expect(answer).toMatchObject({ status: 413, body: { error: 'payload_too_large' } });
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('that leaves in the middle costs a debug line and no error', async ({ startApp }) => {
    const { tasks, held } = holdingTasks();
    const app = await startApp({ tasks, logLevel: 'debug' });
    const get = `GET /api/ann/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenFor('ann')}\r\n\r\n`;
    const unfinished = post('ann', 'x').replace(/Content-Length: \d+/, 'Content-Length: 500');
    for (const bytes of [get, unfinished]) {
      const { socket } = await connectTo(app);
      socket.write(bytes);
      if (bytes === get) await expect.poll(() => held.length).toBe(1);
      else await expect.poll(() => app.logged.length).toBeGreaterThan(0);
      socket.resetAndDestroy();
      await once(socket, 'close');
      await expect.poll(() => app.logged.join('\n')).toContain('the client left');
      for (const release of held.splice(0)) release();
    }
    await app.close();
    expect(app.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  it('that stops reading is cut when it makes no progress', async ({ startApp }) => {
    const app = await startApp({ httpLimits: { stallTimeoutMs: 300 }, logLevel: 'debug' });
    const description = 'x'.repeat(90_000);
    const send = app.as('reader');
    for (let n = 0; n < 100; n += 1) await send('POST', '/api/reader/tasks', { body: { title: 'x', description } });
    const { socket } = await connectTo(app);
    socket.pause();
    socket.write(`GET /api/reader/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenFor('reader')}\r\n\r\n`);
    await expect.poll(() => app.logged.filter((line) => line.includes('"method":"GET"')).length).toBe(1);
    await expect.poll(() => app.logged.join('\n')).toContain('the client stopped reading');
    socket.resume();
    const ended = await Promise.race([
      once(socket, 'close').then(() => 'cut'),
      new Promise((resolve) => setTimeout(resolve, 20_000, 'still there')),
    ]);
    expect(ended).toBe('cut');
    expect((await app.send('GET', '/health')).status).toBe(200);
  });
});

const LIMIT_OF_LINUX = '/proc/sys/net/core/somaxconn';
const MANY = 700;
const canWait = existsSync(LIMIT_OF_LINUX) && Number(readFileSync(LIMIT_OF_LINUX, 'utf8')) > MANY;

/** The established connections to a port of this machine, those included that the server has not accepted. */
function established(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return rows.filter((row) => {
    const [, address, , state] = row.trim().split(/\s+/);
    return address?.endsWith(local) && state === '01';
  }).length;
}

describe('clients that return at once', () => {
  it.runIf(canWait)('are all connected before the first is accepted', async ({ startApp }) => {
    const app = await startApp();
    const port = Number(new URL(app.url).port);
    const sockets = Array.from({ length: MANY }, () => connect(port, '127.0.0.1').on('error', () => {}));
    await new Promise((resolve) => process.nextTick(resolve)); // Node.js connects in earlier ticks
    // The event loop is blocked from here on, so the server accepts nothing.
    const deadlineMs = performance.now() + 10_000;
    while (established(port) < MANY && performance.now() < deadlineMs);
    expect(established(port)).toBeGreaterThanOrEqual(MANY); // a client of another port can have this one
    for (const socket of sockets) socket.destroy();
  });
});

describe('pipelined requests', () => {
  it('are answered one at a time, in their order, and starve nobody', async ({ startApp }) => {
    const { tasks, held, most } = holdingTasks();
    const app = await startApp({ tasks });
    const get = `GET /api/ann/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenFor('ann')}\r\n\r\n`;
    const { socket, received } = await connectTo(app);
    socket.write(get.repeat(50));
    await expect.poll(() => held.length).toBe(1);
    expect((await app.send('GET', '/health')).status).toBe(200);
    for (let answered = 1; answered <= 50; answered += 1) {
      await expect.poll(() => held.length, { interval: 1 }).toBe(1);
      held.shift()?.();
      await expect.poll(() => statuses(received()).length, { interval: 1 }).toBe(answered);
    }
    expect(most()).toBe(1);
    socket.destroy();
  });

  it('of 5,000 on each of several connections are all answered', async ({ app }) => {
    const all = await Promise.all(
      Array.from({ length: 2 }, async () => {
        const { socket, received } = await connectTo(app);
        socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(4_999));
        socket.write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
        await once(socket, 'close');
        return statuses(received());
      }),
    );
    for (const answered of all) {
      expect(answered).toHaveLength(5_000);
      expect(new Set(answered)).toEqual(new Set([200]));
    }
  });

  it('do not hold up another connection, although each has its response at once', async ({ app }) => {
    const pipelining = await connectTo(app);
    const other = await connectTo(app);
    const get = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n';
    pipelining.socket.write(get.repeat(5_000));
    other.socket.write(get);
    await expect.poll(() => statuses(other.received()), { interval: 1 }).toEqual([200]);
    expect(statuses(pipelining.received()).length).toBeLessThan(1_000);
    pipelining.socket.destroy();
    other.socket.destroy();
  });

  it('before malformed bytes get their responses first', async ({ app }) => {
    const { socket, received } = await connectTo(app);
    socket.write(`${post('first', 'one')}${post('first', 'two')}NONSENSE\r\n\r\n`);
    await once(socket, 'close');
    expect(statuses(received())).toEqual([201, 201, 400]);
    expect(received()).toMatch(/"title":"one"[\s\S]*"title":"two"[\s\S]*"error":"bad_request"/);
  });

  it('whose last body is malformed get one response each', async ({ app }) => {
    const { socket, received } = await connectTo(app);
    const chunked = post('chunky', 'x').replace(/Content-Length: \d+\r\n[\s\S]*/, 'Transfer-Encoding: chunked\r\n\r\n');
    socket.write(`${post('chunky', 'one')}${chunked}nonsense\r\n`);
    await once(socket, 'close');
    expect(statuses(received())).toEqual([201, 400]);
  });
});

describe('a server that stops', () => {
  it('answers a request on an idle connection, says Connection: close, and then ends it', async ({ startApp }) => {
    const app = await startApp({ httpLimits: { drainingIdleMs: 60_000 } });
    const { socket, received } = await connectTo(app);
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => statuses(received())).toEqual([200]);
    expect(received()).toContain('Connection: keep-alive');
    const closed = app.close(60_000);
    await expect
      .poll(() =>
        connectTo(app).then(
          ({ socket: other }) => void other.destroy(),
          () => 'refused',
        ),
      )
      .toBe('refused');
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'close');
    expect(statuses(received())).toEqual([200, 200]);
    expect(received()).toContain('Connection: close');
    await closed;
  });

  it('ends a connection that stays idle, without resetting it', async ({ startApp }) => {
    const app = await startApp({ httpLimits: { drainingIdleMs: 100 } });
    const { socket } = await connectTo(app);
    const errors: unknown[] = [];
    socket.on('error', (error) => errors.push(error));
    await app.send('GET', '/health'); // by then the server knows of the connection
    const ended = once(socket, 'end');
    await app.close(10_000);
    await ended;
    expect(errors).toEqual([]);
  });
});
