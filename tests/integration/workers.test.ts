import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runningProcess } from '../../infrastructure/embedded-postgres/running-process.ts';
import { GRACE_PERIOD_MS } from '../../interfaces/composition/shutdown.ts';
import { runWorker } from '../../interfaces/composition/worker.ts';
import { type WorkerExit, WorkerPool, type WorkerReport } from '../../interfaces/composition/worker-pool.ts';
import { ROOT } from '../support/build.ts';
import { SECRET, sender, tokenFor } from '../support/running-app.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { TickingClock } from '../support/ticking-clock.ts';

const MAIN = join(ROOT, 'dist/cli/main.js');

let test: TestDatabase;
let folder: string;
const started: { child: ChildProcess; workers: Set<number> }[] = [];
beforeEach(async () => {
  test = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'taskwell-workers-'));
});
afterEach(async () => {
  for (const { child, workers } of started.splice(0)) {
    for (const pid of childrenOf(child)) workers.add(pid);
    if (isThere(child)) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await until('no worker is left', () => [...workers].every((pid) => !isRunning(pid)));
  }
  await test.drop();
  await rm(folder, { recursive: true, force: true });
});

/** The command in a process of its own, at the head of a process group, with two workers. */
function taskwell(env: Record<string, string> = {}) {
  const { PATH = '', HOME = '' } = process.env;
  const settings = { DATABASE_URL: test.url, BETTER_AUTH_SECRET: SECRET, PORT: '0', WORKERS: '2', ...env };
  const child = spawn(process.execPath, [MAIN], { cwd: folder, env: { PATH, HOME, ...settings }, detached: true });
  const workers = new Set<number>();
  started.push({ child, workers });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    text.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text.err += chunk;
  });
  const ended = once(child, 'close').then(([code]): number | null => code);
  const lines = () =>
    text.out
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line));
  const said = async (msg: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const line = lines().find((line) => line.msg === msg);
      if (line !== undefined) return line;
      await Promise.race([
        once(child.stdout, 'data'),
        ended.then(() => Promise.reject(new Error(`it ended without '${msg}': ${text.out}${text.err}`))),
      ]);
    }
  };
  const ready = async () => {
    const { url } = await said('ready');
    for (const pid of childrenOf(child)) workers.add(pid);
    return { url: String(url), pids: [...workers] };
  };
  return { child, text, lines, said, ready, ended };
}

const isThere = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

function childrenOf({ pid }: ChildProcess): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'ppid=,pid=,args='], { encoding: 'utf8' }).split('\n');
  const ours = table.filter((line) => line.includes('/worker.js')).map((line) => line.trim().split(/\s+/));
  return ours.filter(([parent]) => Number(parent) === pid).map(([, child]) => Number(child));
}

const isRunning = (pid: number) => runningProcess(pid) !== undefined;

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (await holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it never came that ${what}`);
}

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

/** A request that does not end before it is told to. */
async function slowRequest(url: string) {
  const headers = { authorization: `Bearer ${tokenFor('ann')}`, 'content-type': 'application/json' };
  await sender(url)('POST', '/api/ann/tasks', { headers, body: { title: 'Buy groceries' } });
  const lock = await test.holding('select 1 from tasks for update');
  onTestFinished(() => lock.end());
  const answer = sender(url)('PATCH', '/api/ann/tasks/1/complete', { headers });
  answer.catch(() => {});
  await test.lockAwaited();
  return { answer, release: () => lock.query('commit') };
}

describe('several workers', () => {
  it('answer on one port, tell apart what they log, show no secret, and are ready once', async () => {
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
    const warning = expect.stringMatching(/up to 3 times RATE_LIMIT: set RATE_LIMIT_STORE to postgres or a Redis$/);
    expect(others.map(({ msg }) => msg)).toEqual(['accepting tokens', warning, 'ready', 'stopping', 'stopped']);
    expect(await said('ready')).toMatchObject({ workers: 3 });
    expect(text.out.match(/is ready at/g)).toHaveLength(1);
    expect(text.err).toBe('');
  });

  it('are made up for when one is killed, and answer meanwhile', async () => {
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
    const now = childrenOf(child).sort();
    expect(now).toEqual([other, (await successor).pid].map(Number).sort());
    for (let n = 0; n < 2; n += 1) await health(url);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(lines().some(({ msg, worker }) => msg === 'request' && worker === 3)).toBe(true);
  });

  it.each(['SIGTERM to the first process', 'Ctrl-C'])('let a request under way finish at a %s', async (signalled) => {
    const { child, ready, said, ended } = taskwell();
    const { url, pids } = await ready();
    const { answer, release } = await slowRequest(url);
    if (signalled === 'Ctrl-C') process.kill(-child.pid!, 'SIGINT');
    else child.kill('SIGTERM');
    await said('stopping');
    await until('nobody listens', () => isRefused(url));
    await until('the idle worker is gone', () => childrenOf(child).length === 1);
    await release();
    expect(await answer).toMatchObject({ status: 200, body: { completed: true } });
    expect(await ended).toBe(0);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it('end at once at a second signal', async () => {
    const { child, ready, said, ended } = taskwell();
    const { url, pids } = await ready();
    const { answer } = await slowRequest(url);
    child.kill('SIGTERM');
    await said('stopping');
    const asked = performance.now();
    child.kill('SIGTERM');
    expect(await ended).toBe(1);
    await until('they are gone', () => !pids.some(isRunning));
    expect(performance.now() - asked).toBeLessThan(GRACE_PERIOD_MS / 2);
    await expect(answer).rejects.toThrow();
  });

  it('do not outlive the first process when it is killed, but finish what is under way', async () => {
    const { child, ready } = taskwell();
    const { url, pids } = await ready();
    const { answer, release } = await slowRequest(url);
    child.kill('SIGKILL');
    await until('the idle worker is gone', () => pids.filter(isRunning).length === 1);
    await release();
    expect(await answer).toMatchObject({ status: 200 });
    await until('the other one is gone', () => !pids.some(isRunning));
  });

  it('say once that the port is in use', async () => {
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

  it('are none where the configuration is not usable', async () => {
    const { text, ended } = taskwell({ API_CONTRACT: 'nonsense' });
    expect(await ended).toBe(78);
    expect(text.err).toMatch(/^The configuration is not usable:\n {2}API_CONTRACT must be one of .*\n$/);
  });

  it('share the embedded database and the secret of the data folder', async () => {
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
  /** Within this process. */
  function working(env: Record<string, string>) {
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

  it.each(['drain', 'gone', 'SIGTERM', 'SIGINT'])('ends at %s, with 0', async (event) => {
    const { told, primary, signals, exitCode } = working({ DATABASE_URL: test.url });
    await once(primary, 'told');
    expect(told).toEqual([{ listening: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) }]);
    (event.startsWith('SIG') ? signals : primary).emit(event);
    expect(await exitCode).toBe(0);
  });

  it('that is told to drain before it listens does so then', async () => {
    const { primary, exitCode } = working({ DATABASE_URL: test.url });
    primary.emit('drain');
    expect(await exitCode).toBe(0);
  });

  it('tells its primary why it cannot work', async () => {
    const { told, exitCode } = working({ DATABASE_URL: test.url, LOG_LEVEL: 'loud' });
    expect(await exitCode).toBe(78);
    expect(told).toEqual([{ fault: expect.stringContaining('LOG_LEVEL must be one of') }]);
  });
});

describe('the place of a worker that ended', () => {
  let clock: TickingClock;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    clock = new TickingClock();
  });
  afterEach(() => void vi.useRealTimers());

  function resolvable<Value>() {
    let resolve = (_value: Value) => {};
    const promise = new Promise<Value>((resolved) => {
      resolve = resolved;
    });
    return { promise, resolve };
  }

  /** Lets time pass, for the clock and for timers. */
  async function advance(milliseconds: number): Promise<void> {
    clock.advance(milliseconds);
    await vi.advanceTimersByTimeAsync(milliseconds);
  }

  /** Workers that listen, and end, when the test says so. */
  function fakes(count: number) {
    const settings = { workers: count, databaseUrl: test.url, secret: SECRET };
    const forked: { listen(): void; end(how?: Partial<WorkerExit>): void; drained: boolean; killed: boolean }[] = [];
    const fork = () => {
      const [listening, ended] = [resolvable<string>(), resolvable<WorkerExit>()];
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
  }

  /** After how many milliseconds there is one more, once the last one has ended. */
  async function pauseAfterEnd(forked: ReturnType<typeof fakes>['forked']): Promise<number> {
    const before = forked.length;
    forked.at(-1)?.end();
    let waited = 0;
    for (; forked.length === before; waited += 50) await advance(50);
    return waited - 50;
  }

  async function startedWith(count: number) {
    const { forked, workers } = fakes(count);
    const start = workers.start();
    for (const worker of forked) worker.listen();
    expect(await start).toBe('http://here');
    return { forked, workers };
  }

  it('is taken after a pause that doubles to ten seconds, and starts over when one lived for a minute', async () => {
    const { forked } = await startedWith(1);
    const pauses: number[] = [];
    for (let n = 0; n < 9; n += 1) pauses.push((await pauseAfterEnd(forked)) + 50);
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    await advance(60_000);
    expect((await pauseAfterEnd(forked)) + 50).toBe(100);
  });

  it('stays empty once all are to stop', async () => {
    const { forked, workers } = await startedWith(2);
    forked[0]!.end();
    await advance(50);
    const closed = workers.close();
    expect(forked.map(({ drained }) => drained)).toEqual([false, true]);
    forked[1]!.end({ code: 0 });
    await closed;
    await advance(20_000);
    expect(forked).toHaveLength(2);
  });

  it('is given up, and those of the others with it, when one ends before it ever listened', async () => {
    const { forked, workers } = fakes(3);
    const start = workers.start();
    forked[0]!.listen();
    forked[1]!.end({ signal: 'SIGSEGV', code: null });
    await expect(start).rejects.toThrow('A worker ended before it listened (SIGSEGV): see its log');
    expect(forked.map(({ killed }) => killed)).toEqual([true, false, true]);
    await workers.close();
    await advance(20_000);
    expect(forked).toHaveLength(3);
  });

  it('is vacated by force when a worker does not drain', async () => {
    const { forked, workers } = await startedWith(1);
    const closed = workers.close();
    await advance(14_900);
    expect(forked[0]!.killed).toBe(false);
    await advance(200);
    await closed;
    expect(forked[0]!.killed).toBe(true);
  });
});
