import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { sealToken } from '../../interfaces/http/contracts/opaque-token.ts';
import { MAIN, startProcess } from '../support/command-process.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { SECRET, sender, tokenFor } from '../support/running-app.ts';

const MILLION = 1_000_000;

const it = itWithDatabase().extend('server', { scope: 'file' }, async ({ database }, { onCleanup }) => {
  await database.query(
    `insert into tasks (user_id, id, number, title, completed)
     select 'hoarder', gen_random_uuid(), n, 'Task ' || n, n % 3 = 0 from generate_series(1, ${MILLION}) n`,
  );
  await database.query(
    `insert into tasks (user_id, id, number, title, description)
     select 'writer', gen_random_uuid(), n, 'Task ' || n, repeat('x', 100000) from generate_series(1, 150) n`,
  );
  await database.query(
    `insert into tasks (user_id, id, number, title)
     select 'ann', gen_random_uuid(), n, 'Task ' || n from generate_series(1, 100) n`,
  );
  await database.query('analyze');
  const env = {
    ENVIRONMENT: 'staging',
    PORT: '0',
    DATABASE_URL: database.url,
    BETTER_AUTH_SECRET: SECRET,
    RATE_LIMIT: 'off',
    LOG_LEVEL: 'debug',
  };
  const args = ['--max-old-space-size=1024', MAIN, 'serve'];
  const { child, text, ended, waitFor } = startProcess({ folder: tmpdir(), env, args });
  onCleanup(async () => {
    child.kill();
    await ended;
  });
  const url = await waitFor((out) => /"msg":"ready".*|"url":"([^"]+)"/.exec(out)?.[1]);
  /** Resident memory in MiB. */
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
  const send = sender(url);
  const ann = async () => {
    const start = performance.now();
    const { status } = await send('GET', '/api/ann/tasks', { headers: authorized('ann') });
    return { status, ms: performance.now() - start };
  };
  for (let n = 0; n < 500; n += 1) await ann();
  return { url, text, rss, send, ann, isAlive: () => child.exitCode === null && child.signalCode === null };
});

const authorized = (user: string) => ({ authorization: `Bearer ${tokenFor(user)}` });

async function open(url: string, path: string, user: string): Promise<IncomingMessage> {
  const request = get(`${url}${path}`, { headers: authorized(user), agent: false });
  const [response] = await once(request, 'response');
  return response.on('error', () => {});
}

/** Measures the largest memory and the latency of another user until something is done. */
async function watching<Value>(
  { rss, ann }: { rss: () => number; ann: () => Promise<{ status: number; ms: number }> },
  work: () => Promise<Value>,
) {
  const before = rss();
  let most = before;
  let done = false;
  const others: { status: number; ms: number }[] = [];
  const asking = (async () => {
    while (!done) {
      others.push(await ann());
      most = Math.max(most, rss());
      await pause(10);
    }
  })();
  const value = await work().finally(() => {
    done = true;
  });
  await asking;
  const sorted = others.map(({ ms }) => ms).sort((a, b) => a - b);
  const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  return { value, grownMiB: most - before, p99Ms, refused: others.filter(({ status }) => status !== 200).length };
}

describe('a list of a million tasks', () => {
  it.for([
    ['/api/hoarder/tasks', MILLION],
    ['/api/hoarder/tasks?status=completed', Math.floor(MILLION / 3)],
  ] as const)(
    'begins at once, arrives whole in little memory, and holds nobody up (%s)',
    async ([path, count], { server }) => {
      const { value, ...seen } = await watching(server, async () => {
        const start = performance.now();
        const response = await open(server.url, path, 'hoarder');
        let [firstByteMs, bytes, end] = [0, 0, ''];
        for await (const chunk of response) {
          firstByteMs ||= performance.now() - start;
          bytes += chunk.length;
          end = (end + chunk).slice(-100);
        }
        return { firstByteMs, bytes, end, seconds: (performance.now() - start) / 1_000 };
      });
      process.stdout.write(`${path}: ${JSON.stringify({ ...value, ...seen })}\n`);
      expect(value.end).toMatch(new RegExp(`"count":${count}}$`));
      expect(value.firstByteMs).toBeLessThan(1_000);
      expect(seen.grownMiB).toBeLessThan(64);
      expect(seen.p99Ms).toBeLessThan(500);
      expect(seen.refused).toBe(0);
    },
  );

  it('is read no further when its client stops, and cut off after 30 s', async ({ server }) => {
    const start = performance.now();
    const logged = server.text.out.length; // the lists of other tests may have been cut off as well
    const response = (await open(server.url, '/api/hoarder/tasks', 'hoarder')).pause();
    const { grownMiB, p99Ms } = await watching(server, () =>
      expect
        .poll(() => server.text.out.slice(logged), { timeout: 60_000, interval: 500 })
        .toContain('the client stopped reading'),
    );
    const seconds = (performance.now() - start) / 1_000;
    process.stdout.write(`stopped reading: ${JSON.stringify({ seconds, grownMiB, p99Ms })}\n`);
    expect(seconds).toBeGreaterThan(14);
    expect(seconds).toBeLessThan(40);
    expect(grownMiB).toBeLessThan(64);
    response.destroy();
  });
});

describe('the pages of a million tasks', () => {
  it('cost the same, wherever they begin', async ({ server }) => {
    const read = async (query: string) => {
      const start = performance.now();
      const { body } = await server.send('GET', `/api/hoarder/tasks?limit=100${query}`, {
        headers: authorized('hoarder'),
      });
      return { tasks: body.tasks, ms: performance.now() - start };
    };
    const [{ created_at }] = (await read('')).tasks;
    const medians: number[] = [];
    for (const page of [1, 1_000, 10_000]) {
      const before = MILLION - 100 * (page - 1) + 1;
      const cursor = sealToken([created_at, before], ['list', 'hoarder', 'newest', 'undefined']);
      const times: number[] = [];
      for (let n = 0; n < 41; n += 1) {
        const { tasks, ms } = await read(`&cursor=${cursor}`);
        expect(tasks.map(({ id }: { id: number }) => id)).toEqual(
          Array.from({ length: 100 }, (_, n) => before - 1 - n),
        );
        times.push(ms);
      }
      medians.push(times.sort((a, b) => a - b)[20]!);
    }
    process.stdout.write(`pages 1, 1,000 and 10,000 of 100 tasks: ${JSON.stringify(medians)} ms\n`);
    expect(Math.max(...medians)).toBeLessThan(5 * Math.min(...medians));
  });
});

describe('60 lists of 15 MB that their users do not read', () => {
  it.for([
    ['of one user', () => 'writer'],
    ['of each user', (n: number) => `writer-${n}`],
  ] as const)('are bounded (%s), and the rest is refused', async ([_, user], { server, database }) => {
    for (let n = 0; n < 60 && user(n) !== 'writer'; n += 1) {
      await database.query(
        `insert into tasks (user_id, id, number, title, description)
           select $1, gen_random_uuid(), number, title, description from tasks where user_id = 'writer'
         on conflict do nothing`,
        [user(n)],
      );
    }
    const { value: responses, ...seen } = await watching(server, async () => {
      const opened = await Promise.all(
        Array.from({ length: 60 }, (_, n) => open(server.url, `/api/${user(n)}/tasks`, user(n))),
      );
      for (const response of opened) response.pause();
      await pause(5_000);
      return opened;
    });
    const admitted = responses.filter(({ statusCode }) => statusCode === 200).length;
    for (const response of responses) response.destroy();
    process.stdout.write(`unread: ${JSON.stringify({ admitted, ...seen })}\n`);
    expect(server.isAlive()).toBe(true);
    expect(admitted).toBe(user(0) === 'writer' ? 8 : 32);
    expect(responses.every(({ statusCode = 0 }) => [200, 503].includes(statusCode))).toBe(true);
    expect(seen.grownMiB).toBeLessThan(400);
    expect(seen.refused).toBe(0);
    await expect
      .poll(async () => (await server.send('GET', '/api/writer/tasks', { headers: authorized('writer') })).status)
      .toBe(200);
    expect((await server.ann()).status).toBe(200);
  });
});
