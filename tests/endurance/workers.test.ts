import { type ChildProcess, execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { it as base, describe, expect, vi } from 'vitest';
import { runningProcess } from '../../infrastructure/embedded-postgres/running-process.ts';
import type { WorkerExit, WorkerReport } from '../../interfaces/composition/fork-worker.ts';
import { GRACE_PERIOD_MS } from '../../interfaces/composition/shutdown.ts';
import { runWorker } from '../../interfaces/composition/worker.ts';
import { WorkerPool } from '../../interfaces/composition/worker-pool.ts';
import { startProcess, until } from '../support/command-process.ts';
import { itWithDatabasePerTest } from '../support/database-fixtures.ts';
import { folderForTest } from '../support/folder-for-test.ts';
import { SECRET, sender, tokenFor } from '../support/running-app.ts';
import { TickingClock } from '../support/ticking-clock.ts';

/**
 * - `folder`: an empty folder
 * - `taskwell` starts the command in a process of its own, at the head of a process group, with two workers. After the test
 *   it kills the process and waits until no worker is left.
 * - `startSlowRequest` sends a request that does not end before the test releases it
 */
const it = itWithDatabasePerTest()
  .extend('folder', folderForTest)
  .extend('taskwell', ({ database, folder, onTestFinished }) => (env: Record<string, string> = {}) => {
    const settings = { ...database.settings, BETTER_AUTH_SECRET: SECRET, PORT: '0', WORKERS: '2', ...env };
    const { child, text, ended, waitFor } = startProcess({ folder, env: settings, detached: true });
    const workers = new Set<number>();
    const rememberWorkers = () => {
      for (const pid of workersOf(child)) workers.add(pid);
    };
    onTestFinished(async () => {
      rememberWorkers();
      child.kill('SIGKILL');
      await until('no worker is left', () => [...workers].every((pid) => !isRunning(pid)));
      await ended;
    });
    const lines = () =>
      text.out
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line));
    const said = (msg: string): Promise<Record<string, unknown>> =>
      waitFor(() => lines().find((line) => line.msg === msg));
    const ready = async () => {
      const { url } = await said('ready');
      rememberWorkers();
      return { url: String(url), pids: [...workers] };
    };
    return { child, text, lines, said, ready, ended };
  })
  .extend('startSlowRequest', ({ database, onTestFinished }) => async (url: string) => {
    const headers = { authorization: `Bearer ${tokenFor('ann')}`, 'content-type': 'application/json' };
    await sender(url)('POST', '/api/ann/tasks', { headers, body: { title: 'Buy groceries' } });
    const lock = await database.holding('select 1 from tasks for update');
    onTestFinished(() => lock.end());
    const answer = sender(url)('PATCH', '/api/ann/tasks/1/complete', { headers });
    answer.catch(() => {});
    await database.lockAwaited();
    return { answer, release: () => lock.query('commit') };
  });

function workersOf({ pid }: ChildProcess): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'ppid=,pid=,args='], { encoding: 'utf8' }).split('\n');
  const ours = table.filter((line) => line.includes('/worker.js')).map((line) => line.trim().split(/\s+/));
  return ours.filter(([parent]) => Number(parent) === pid).map(([, child]) => Number(child));
}

const isRunning = (pid: number) => runningProcess(pid) !== undefined;

/** A request on a connection of its own, so that any worker may get it. */
const health = (url: string) => sender(url)('GET', '/health', { headers: { connection: 'close' } });

/** Asks for no answer: node:cluster may accept what comes while its workers close, and keep it until they are gone. */
async function isRefused(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  return once(socket, 'connect')
    .then(
      () => false,
      ({ code }) => code === 'ECONNREFUSED',
    )
    .finally(() => socket.destroy());
}

describe('several workers', () => {
  it('sign in whom another one signed up, and share the limits in PostgreSQL', async ({ taskwell }) => {
    const settings = { SIGN_IN: 'on', SIGN_IN_SECRET: SECRET, BETTER_AUTH_SECRET: '', RATE_LIMIT_STORE: 'postgres' };
    const { lines, ready } = taskwell({ ...settings, ENVIRONMENT: 'staging', PUBLIC_URL: 'https://tasks.example.com' });
    const { url } = await ready();
    const headers = { 'content-type': 'application/json', connection: 'close' };
    const body = { email: 'ann@example.com', password: 'correct horse battery staple' };
    const post = (route: string) => sender(url)('POST', `/contracts/003-backend-api/auth/${route}`, { body, headers });
    const read = ({ user, token }: { user: { id: string }; token: string }) =>
      sender(url)('GET', `/api/${user.id}/tasks`, { headers: { ...headers, authorization: `Bearer ${token}` } });

    const signedUp = await post('register');
    expect(signedUp.status).toBe(201);
    for (let attempt = 2; attempt <= 10; attempt += 1) {
      const signedIn = await post('login');
      expect(signedIn.status).toBe(200);
      for (const { body } of [signedUp, signedIn]) expect((await read(body)).status).toBe(200);
    }
    expect((await post('login')).status).toBe(429);
    for (const route of [/auth\/login$/, /^\/api\/:user_id\/tasks$/]) {
      const answering = lines().filter((line) => route.test(String(line.route)));
      expect(new Set(answering.map(({ worker }) => worker)).size, String(route)).toBe(2);
    }
  });

  it('answer on one port, number their log lines, show no secret, and are ready once', async ({ taskwell }) => {
    const { child, text, lines, said, ready, ended } = taskwell({ WORKERS: '3' });
    const { url, pids } = await ready();
    const shown = execFileSync('ps', ['-o', 'args=', '-p', [child.pid, ...pids].join(',')], { encoding: 'utf8' });
    expect(shown.match(/\/worker\.js/g)).toHaveLength(3);
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain('postgresql:');
    for (let n = 0; n < 6; n += 1) expect((await health(url)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    const requests = lines().filter(({ msg }) => msg === 'request');
    expect(requests).toHaveLength(6);
    expect(new Set(requests.map(({ worker }) => worker))).toEqual(new Set([1, 2, 3]));
    const others = lines().filter(({ msg }) => msg !== 'request');
    const warning = expect.stringMatching(
      /up to 3 times RATE_LIMIT: set RATE_LIMIT_STORE to postgres or to a Redis URL$/,
    );
    expect(others.map(({ msg }) => msg)).toEqual([
      'accepting tokens',
      'accepting origins',
      warning,
      'ready',
      'stopping',
      'stopped',
    ]);
    expect(await said('ready')).toMatchObject({ workers: 3 });
    expect(text.out.match(/is ready at/g)).toHaveLength(1);
    expect(text.err).toBe('');
  });

  it('are replaced when one is killed, and answer meanwhile', async ({ taskwell }) => {
    const { child, lines, said, ready, ended } = taskwell();
    const { url, pids } = await ready();
    const [victim = 0, other] = pids;
    process.kill(victim, 'SIGKILL');
    const told = await said('worker exited; restarting it');
    expect(told).toMatchObject({ level: 'warn', pid: victim, signal: 'SIGKILL', pause: 100 });
    const successor = said('worker restarted');
    let replaced = false;
    void successor.then(() => {
      replaced = true;
    });
    do expect((await health(url)).status).toBe(200);
    while (!replaced);
    const now = workersOf(child).sort();
    expect(now).toEqual([other, (await successor).pid].map(Number).sort());
    for (let n = 0; n < 2; n += 1) await health(url);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(lines().some(({ msg, worker }) => msg === 'request' && worker === 3)).toBe(true);
  });

  it.for(['SIGTERM to the first process', 'Ctrl-C'])(
    'finish a request in flight at a %s',
    async (signalled, { taskwell, startSlowRequest }) => {
      const { child, ready, said, ended } = taskwell();
      const { url, pids } = await ready();
      const { answer, release } = await startSlowRequest(url);
      if (signalled === 'Ctrl-C') process.kill(-child.pid!, 'SIGINT');
      else child.kill('SIGTERM');
      await said('stopping');
      await until('nobody listens', () => isRefused(url));
      await until('the idle worker is gone', () => workersOf(child).length === 1);
      await release();
      expect(await answer).toMatchObject({ status: 200, body: { completed: true } });
      expect(await ended).toBe(0);
      expect(pids.filter(isRunning)).toEqual([]);
    },
  );

  it('end at once at a second signal', async ({ taskwell, startSlowRequest }) => {
    const { child, ready, said, ended } = taskwell();
    const { url, pids } = await ready();
    const { answer } = await startSlowRequest(url);
    child.kill('SIGTERM');
    await said('stopping');
    const asked = performance.now();
    child.kill('SIGTERM');
    expect(await ended).toBe(1);
    await until('they are gone', () => !pids.some(isRunning));
    expect(performance.now() - asked).toBeLessThan(GRACE_PERIOD_MS / 2);
    await expect(answer).rejects.toThrow();
  });

  it('finish requests in flight and end when the primary process is killed', async ({ taskwell, startSlowRequest }) => {
    const { child, ready } = taskwell();
    const { url, pids } = await ready();
    const { answer, release } = await startSlowRequest(url);
    child.kill('SIGKILL');
    await until('the idle worker is gone', () => pids.filter(isRunning).length === 1);
    await release();
    expect(await answer).toMatchObject({ status: 200 });
    await until('the other one is gone', () => !pids.some(isRunning));
  });

  it('report once that the port is in use', async ({ taskwell, onTestFinished }) => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const PORT = String((other.address() as { port: number }).port);
    const { text, ended } = taskwell({ PORT, WORKERS: '3' });
    expect(await ended).toBe(1);
    expect(text).toEqual({
      out: '',
      err: `Port ${PORT} on 127.0.0.1 is in use: stop what listens there, or set PORT to another one\n`,
    });
  });

  it('do not start if the configuration is not usable', async ({ taskwell }) => {
    const { text, ended } = taskwell({ API_CONTRACT: 'nonsense' });
    expect(await ended).toBe(78);
    expect(text.err).toMatch(/^The configuration is not usable:\n {2}API_CONTRACT must be one of .*\n$/);
  });

  it('share the embedded database and the secret of the data folder', async ({ folder, taskwell }) => {
    const { child, text, ready, ended } = taskwell({ DATABASE_URL: '', BETTER_AUTH_SECRET: '' });
    const { url } = await ready();
    await until('the welcome is there', () => /Bearer \S+'/.test(text.out));
    const [, authorization = ''] = /(Bearer \S+)'/.exec(text.out) ?? [];
    for (let n = 0; n < 2; n += 1) {
      const headers = { authorization, connection: 'close' };
      expect((await sender(url)('GET', '/api/demo/tasks', { headers })).body).toEqual({ tasks: [], count: 0 });
    }
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(text.out).toContain('"msg":"stopped"');
    await expect(readFile(join(folder, 'data/postgres/postmaster.pid'))).rejects.toThrow('ENOENT');
  });
});

describe('a worker', () => {
  /** Runs a worker within this process. */
  function startWorker(env: Record<string, string>) {
    const told: WorkerReport[] = [];
    const primary = new EventEmitter();
    const [stdout, signals] = [new PassThrough(), new EventEmitter()];
    stdout.resume();
    const exitCode = runWorker(
      { env: { BETTER_AUTH_SECRET: SECRET, PORT: '0', ...env }, stdout, signals },
      {
        workerId: 1,
        report: async (report) => {
          told.push(report);
          primary.emit('told');
        },
        onDrain: (listener) => primary.on('drain', listener),
        onCollectMetrics: (listener) => primary.on('collect metrics', listener),
        onGone: (listener) => primary.on('gone', listener),
      },
    );
    return { told, primary, signals, exitCode };
  }

  it.for(['drain', 'gone', 'SIGTERM', 'SIGINT'])('ends with 0 at %s', async (event, { database }) => {
    const { told, primary, signals, exitCode } = startWorker({ ...database.settings });
    await once(primary, 'told');
    expect(told).toEqual([{ listening: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) }]);
    (event.startsWith('SIG') ? signals : primary).emit(event);
    expect(await exitCode).toBe(0);
  });

  it('drains if it is asked to before it listens', async ({ database }) => {
    const { primary, exitCode } = startWorker({ ...database.settings });
    primary.emit('drain');
    expect(await exitCode).toBe(0);
  });

  it('tells its primary why it cannot start', async ({ database }) => {
    const { told, exitCode } = startWorker({ ...database.settings, LOG_LEVEL: 'loud' });
    expect(await exitCode).toBe(78);
    expect(told).toEqual([{ fault: expect.stringContaining('LOG_LEVEL must be one of') }]);
  });
});

interface FakeWorker {
  listen(): void;
  end(how?: Partial<WorkerExit>): void;
  drained: boolean;
  killed: boolean;
}

/**
 * - `advance` moves the time, for the clock and for timers
 * - `createPool` creates a pool whose workers listen, and end, when the test says so; `startPool` also starts it
 */
const itWithPool = base
  .extend('clock', () => new TickingClock())
  .extend('advance', ({ clock, onTestFinished }) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    return async (milliseconds: number): Promise<void> => {
      clock.advance(milliseconds);
      await vi.advanceTimersByTimeAsync(milliseconds);
    };
  })
  // It depends on `advance` because the pool needs the fake timers.
  .extend('createPool', ({ clock, advance: _ }) => (count: number) => {
    const settings = {
      workers: count,
      databaseUrl: 'postgresql://nowhere',
      secret: SECRET,
      signIn: undefined,
      drainDelay: 0,
    };
    const forked: FakeWorker[] = [];
    const fork = () => {
      const [listening, ended] = [createDeferred<string>(), createDeferred<WorkerExit>()];
      const end = (how: Partial<WorkerExit> = {}) => ended.resolve({ code: 1, signal: null, ...how });
      const fake = { listen: () => listening.resolve('http://here'), end, drained: false, killed: false };
      const id = forked.push(fake);
      return {
        id,
        pid: id,
        listening: listening.promise,
        exited: ended.promise,
        drain: () => {
          fake.drained = true;
        },
        kill: () => {
          fake.killed = true;
          end({ code: null, signal: 'SIGKILL' });
        },
        collectMetrics: async () => [],
      };
    };
    return { forked, workers: new WorkerPool(settings, pino({ level: 'silent' }), clock, fork) };
  })
  .extend('startPool', ({ createPool }) => async (count: number) => {
    const { forked, workers } = createPool(count);
    const start = workers.start();
    for (const worker of forked) worker.listen();
    expect(await start).toBe('http://here');
    return { forked, workers };
  });

function createDeferred<Value>() {
  let resolve = (_value: Value) => {};
  const promise = new Promise<Value>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}

/** Ends the last worker. @returns after how many milliseconds the pool forks another one */
async function pauseAfterEnd(forked: readonly FakeWorker[], advance: (milliseconds: number) => Promise<void>) {
  const before = forked.length;
  forked.at(-1)?.end();
  let waited = 0;
  for (; forked.length === before; waited += 50) await advance(50);
  return waited;
}

describe('the place of a worker that ended', () => {
  itWithPool(
    'is filled after a pause that doubles up to ten seconds and is reset after a minute',
    async ({ startPool, advance }) => {
      const { forked } = await startPool(1);
      const pauses: number[] = [];
      for (let n = 0; n < 9; n += 1) pauses.push(await pauseAfterEnd(forked, advance));
      expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
      await advance(60_000);
      expect(await pauseAfterEnd(forked, advance)).toBe(100);
    },
  );

  itWithPool('stays empty while the pool closes', async ({ startPool, advance }) => {
    const { forked, workers } = await startPool(2);
    forked[0]!.end();
    await advance(50);
    const closed = workers.close();
    expect(forked.map(({ drained }) => drained)).toEqual([false, true]);
    forked[1]!.end({ code: 0 });
    await closed;
    await advance(20_000);
    expect(forked).toHaveLength(2);
  });

  itWithPool('and the others are given up when a worker ends before it listens', async ({ createPool, advance }) => {
    const { forked, workers } = createPool(3);
    const start = workers.start();
    forked[0]!.listen();
    forked[1]!.end({ signal: 'SIGSEGV', code: null });
    await expect(start).rejects.toThrow('A worker exited before it was listening (SIGSEGV): see its log');
    expect(forked.map(({ killed }) => killed)).toEqual([true, false, true]);
    await workers.close();
    await advance(20_000);
    expect(forked).toHaveLength(3);
  });

  itWithPool('is freed by force when a worker does not drain', async ({ startPool, advance }) => {
    const { forked, workers } = await startPool(1);
    const closed = workers.close();
    await advance(14_900);
    expect(forked[0]!.killed).toBe(false);
    await advance(200);
    await closed;
    expect(forked[0]!.killed).toBe(true);
  });
});
