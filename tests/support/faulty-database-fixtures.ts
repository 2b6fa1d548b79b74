import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SECRET } from './running-app.ts';
import { serving } from './serving.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { TestCluster } from './test-cluster.ts';
import { type TimedAnswer, WriteLedger } from './write-ledger.ts';

/** `DATABASE_TIMEOUT`, as by default. */
const TIMEOUT_SECONDS = 5;

/** Bounds in milliseconds, with a margin for a machine that is busy. */
export const BOUNDS = {
  /** Until the first refusal: the promise is `DATABASE_TIMEOUT`. */
  patience: TIMEOUT_SECONDS * 1_000 + 1_500,
  /** Until a refusal while the database is known not to answer. */
  atOnce: 1_500,
  /** From the return of the database to the first success: the promise is a second. */
  recovery: 1_000 + 1_500,
  /** Until the server has stopped: ten seconds for requests in progress, and the time to close connections. */
  stop: 10_000 + TIMEOUT_SECONDS * 1_000,
} as const;

/** Few, so that a test can use them up. */
const SETTINGS = { max_connections: '30' };

/**
 * `it` with these fixtures:
 *
 * - `cluster`: a server of PostgreSQL, shared by the tests of the file
 * - `proxy`: in front of `cluster`, for this test alone
 * - `serve`: starts Taskwell on `cluster` through `proxy`; `server`: one without a task, stopped after this test
 * - `ledger`: records the creates that it sends to `server`
 */
export const itWithFaultyDatabase = it
  .extend('settings', { scope: 'file' }, SETTINGS)
  .extend('cluster', { scope: 'file' }, async ({ settings }, { onCleanup }) => {
    const directory = await mkdtemp(join(tmpdir(), 'taskwell-cluster-'));
    const cluster = await TestCluster.start(directory, settings);
    onCleanup(async () => {
      await cluster.kill();
      await rm(directory, { recursive: true, force: true, maxRetries: 10 });
    });
    return cluster;
  })
  .extend('proxy', async ({ cluster }, { onCleanup }) => {
    const proxy = await TcpProxy.start(cluster.url);
    onCleanup(() => proxy.stop());
    return proxy;
  })
  .extend(
    'serve',
    ({ cluster, proxy }) =>
      (more: Readonly<Record<string, string>> = {}) =>
        serving({
          DATABASE_URL: proxy.through(cluster.url),
          DATABASE_TIMEOUT: String(TIMEOUT_SECONDS),
          BETTER_AUTH_SECRET: SECRET,
          RATE_LIMIT: 'off',
          ...more,
        }),
  )
  .extend('server', async ({ serve, cluster }, { onCleanup }) => {
    const server = await serve();
    await cluster.query('truncate tasks, task_counters, task_deletions, idempotency_keys');
    onCleanup(() => server.stop());
    return server;
  })
  .extend('ledger', ({ server }) => new WriteLedger(server));

/** Expects a 503 in the shape of the contract. */
export function expectRefused(answer: TimedAnswer, withinMs: number): void {
  expect(answer).toMatchObject({ status: 503, body: { error: 'service_unavailable', detail: expect.any(String) } });
  expect(answer.headers.get('retry-after')).toMatch(/^[12]$/); // 1 if this machine is so busy that the event loop is late
  expect(answer.ms).toBeLessThan(withinMs);
}

/** Expects that the rows are what the answers promised. */
export async function expectKept(ledger: WriteLedger, cluster: TestCluster): Promise<void> {
  expect(await ledger.audit(cluster)).toMatchObject({
    acknowledgedButMissing: 0,
    appliedTwice: 0,
    refusedButApplied: 0,
  });
}

/** Prints a figure, because a bound alone does not tell how far away it is. */
export function report(line: string): void {
  process.stdout.write(`${line}\n`);
}
