import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { startProcess } from '../support/command-process.ts';
import { FAULTS } from '../support/database-faults.ts';
import { BOUNDS, itWithFaultyDatabase, report } from '../support/faulty-database-fixtures.ts';
import { folderForTest } from '../support/folder-for-test.ts';
import { SECRET, sender } from '../support/running-app.ts';
import { WriteLedger } from '../support/write-ledger.ts';

const USERS = Array.from({ length: 10 }, (_, n) => `user-${n}`);

/** `start` runs the server in a process of its own. */
const it = itWithFaultyDatabase
  .extend('folder', folderForTest)
  .extend(
    'start',
    ({ cluster, proxy, folder, onTestFinished }) =>
      async (more: Readonly<Record<string, string>> = {}) => {
        const env = {
          ENVIRONMENT: 'staging',
          PORT: '0',
          RATE_LIMIT: 'off',
          BETTER_AUTH_SECRET: SECRET,
          DRAIN_DELAY: '0',
        };
        const server = startProcess({ folder, env: { ...env, DATABASE_URL: proxy.through(cluster.url), ...more } });
        onTestFinished(() => void server.child.kill('SIGKILL'));
        const send = sender(await server.waitFor((out) => /"url":"([^"]+)"/.exec(out)?.[1]));
        const headers = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });
        const ledger = new WriteLedger({
          sendAs: (token) => (method, path, options) => send(method, path, { ...options, headers: headers(token) }),
        });
        return { ...server, ledger };
      },
  );

describe('SIGTERM', () => {
  it.for(Object.keys(FAULTS))('ends the process in time: %s', async (name, { cluster, proxy, start }) => {
    const { child, ended, text, ledger } = await start();
    const { begin, end } = FAULTS[name]!;
    await Promise.all(USERS.flatMap((user) => [ledger.create(user), ledger.list(user)]));
    await begin({ cluster, proxy });
    try {
      const waiting = Promise.all(USERS.flatMap((user) => [ledger.create(user), ledger.list(user)]));
      await pause(200); // they arrive before the signal
      const signalledAt = performance.now();
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
      const ms = performance.now() - signalledAt;
      expect(ms).toBeLessThan(BOUNDS.stop);
      for (const { status } of await waiting) expect([200, 503]).toContain(status);
      expect(text.out).toContain('"msg":"stopped"');
      report(`${name}: stopped after ${Math.round(ms)} ms`);
    } finally {
      await end({ cluster, proxy });
    }
  });

  it('ends the process in time although DATABASE_TIMEOUT is longer', async ({ proxy, start }) => {
    const { child, ended, ledger } = await start({ DATABASE_TIMEOUT: '30' });
    await ledger.create('ann');
    await proxy.set('silent');
    const waiting = Promise.allSettled(USERS.flatMap((user) => [ledger.create(user), ledger.list(user)]));
    await pause(200);
    const signalledAt = performance.now();
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(performance.now() - signalledAt).toBeLessThan(BOUNDS.stop);
    await waiting;
  });
});
