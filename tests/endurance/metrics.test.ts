import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished } from 'vitest';
import { ROOT } from '../support/build.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { sumOf } from '../support/metrics-page.ts';
import { SECRET, sender, tokenFor } from '../support/running-app.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const it = itWithDatabase();

const REQUESTS = 'taskwell_http_request_duration_seconds_count';

type Line = Readonly<Record<string, unknown>>;

/** `taskwell serve` in a process of its own. `said` resolves with the first line of the log that has this message. */
function taskwell(settings: Readonly<Record<string, string>>) {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ENVIRONMENT: 'staging', BETTER_AUTH_SECRET: SECRET, PORT: '0', ...settings };
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'serve'], { env });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const lines: Line[] = [];
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(JSON.parse(line)));
  const said = async (msg: string): Promise<Line> => {
    for (;;) {
      const line = lines.find((line) => line.msg === msg);
      if (line) return line;
      await Promise.race([
        once(reader, 'line'),
        ended.then(() => Promise.reject(new Error(`it ended without '${msg}': ${errors}`))),
      ]);
    }
  };
  return { said, ended, errors: () => errors, workers: () => childrenOf(child.pid) };
}

function childrenOf(pid: number | undefined): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'ppid=,pid=,args='], { encoding: 'utf8' }).split('\n');
  const workers = table.filter((line) => line.includes('/worker.js')).map((line) => line.trim().split(/\s+/));
  return workers.filter(([parent]) => Number(parent) === pid).map(([, child]) => Number(child));
}

const read = async (url: unknown) => (await fetch(String(url))).text();

/** Reads the page until so many workers are on it. It waits only a second for each, which a busy machine may exceed. */
async function readOf(workers: number, url: unknown): Promise<string> {
  let page = '';
  await expect
    .poll(
      async () => {
        page = await read(url);
        return sumOf(page, 'taskwell_workers');
      },
      { timeout: 60_000 },
    )
    .toBe(workers);
  return page;
}

/** Sends requests on a connection of their own each, so that all workers get some. */
async function send(url: unknown, count: number): Promise<void> {
  const headers = { connection: 'close', authorization: `Bearer ${tokenFor('ann')}` };
  for (let n = 0; n < count; n += 1) {
    expect((await sender(String(url))('GET', '/api/ann/tasks', { headers })).status).toBe(200);
  }
}

describe('taskwell serve with METRICS_PORT', () => {
  it('measures requests, tokens, limits and the database on one page for all workers', async ({ database }) => {
    const { said } = taskwell({ DATABASE_URL: database.url, METRICS_PORT: '0', WORKERS: '2' });
    const { url, metrics } = await said('ready');
    await send(url, 6);
    const page = await readOf(2, metrics);
    expect(sumOf(page, REQUESTS, 'contract="007-fastapi-backend"', 'operation="listTasks"', 'status="200"')).toBe(6);
    expect(sumOf(page, 'taskwell_token_verifications_total', 'outcome="accepted"')).toBe(6);
    expect(sumOf(page, 'taskwell_rate_limit_decisions_total', 'limit="user"', 'decision="allowed"')).toBe(6);
    expect(sumOf(page, 'taskwell_database_connections')).toBe(2);
    expect(sumOf(page, 'taskwell_database_connections_max')).toBe(20);
    expect(sumOf(page, 'taskwell_database_waiting_transactions')).toBe(0);
    expect(sumOf(page, 'nodejs_eventloop_lag_max_seconds')).toBeGreaterThan(0);
    expect(page).not.toContain('ann');
  });

  it('keeps the counts of a worker that is silent, and then killed', async ({ database }) => {
    const { said, workers } = taskwell({ DATABASE_URL: database.url, METRICS_PORT: '0', WORKERS: '2' });
    const { url, metrics } = await said('ready');
    await send(url, 4);
    expect(sumOf(await readOf(2, metrics), REQUESTS)).toBe(4);
    const [pid = 0] = workers();
    process.kill(pid, 'SIGSTOP');
    const silent = await readOf(1, metrics);
    expect(sumOf(silent, 'taskwell_workers_max')).toBe(2);
    expect(sumOf(silent, REQUESTS)).toBe(4);
    process.kill(pid, 'SIGKILL');
    await said('worker restarted');
    expect(sumOf(await readOf(2, metrics), REQUESTS)).toBe(4);
    await send(url, 2);
    expect(sumOf(await readOf(2, metrics), REQUESTS)).toBe(6);
  });

  it('counts the errors of a database that is gone, and shows the breaker until it is back', async ({ database }) => {
    const proxy = await TcpProxy.start(database.url);
    onTestFinished(() => proxy.stop());
    const { said } = taskwell({ DATABASE_URL: proxy.through(database.url), METRICS_PORT: '0' });
    const { url, metrics } = await said('ready');
    const errors = async () => sumOf(await read(metrics), 'taskwell_database_errors_total', 'kind="connection"');
    const breaker = async () => sumOf(await read(metrics), 'taskwell_database_breaker_open');
    expect([await errors(), await breaker()]).toEqual([0, 0]);
    await proxy.set('refuse');
    const headers = { authorization: `Bearer ${tokenFor('ann')}` };
    expect((await sender(String(url))('GET', '/api/ann/tasks', { headers })).status).toBe(503);
    expect(await errors()).toBeGreaterThan(0);
    await expect.poll(breaker, { timeout: 10_000 }).toBe(1);
    await proxy.set('pass');
    await expect.poll(breaker, { timeout: 10_000 }).toBe(0);
  });

  it('says that its port is in use, by the name of the setting', async ({ database }) => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const METRICS_PORT = String((other.address() as { port: number }).port);
    const { ended, errors } = taskwell({ DATABASE_URL: database.url, METRICS_PORT });
    expect(await ended).toEqual([1, null]);
    expect(errors()).toBe(
      `Port ${METRICS_PORT} on 127.0.0.1 is in use: stop what listens there, or set METRICS_PORT to another one\n`,
    );
  });
});
