import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { Unavailable } from '../../application/application-errors.ts';
import type { OwnedTasks, TaskBatch, TaskRepository } from '../../application/ports/task-repository.ts';
import { Description } from '../../domain/description.ts';
import type { Task } from '../../domain/task.ts';
import { EXAMPLE_TASK } from '../../interfaces/http/contracts/task-schemas.ts';
import { aUser } from '../conformance/builders.ts';
import { itWithApp } from '../support/app-fixtures.ts';
import { checked, PLACES } from '../support/contract-places.ts';
import { type AppOptions, type RunningApp, tokenFor } from '../support/running-app.ts';

/** A repository whose lists come in these batches. */
function listing(list: () => AsyncIterable<TaskBatch>): TaskRepository {
  return { ownedBy: () => ({ list }) as Partial<OwnedTasks> as OwnedTasks };
}

const text = (length: number): Task => ({ ...EXAMPLE_TASK, description: Description('ü'.repeat(length)) });
const THREE = [text(3), { ...EXAMPLE_TASK, description: undefined }, text(0)];

/** Lists in batches of so many tasks. */
const inBatches = (tasks: readonly Task[], size: number) =>
  listing(async function* () {
    for (let start = 0; start === 0 || start < tasks.length; start += size) {
      yield { tasks: tasks.slice(start, start + size), isLast: start + size >= tasks.length };
    }
  });

describe.each(PLACES.filter(({ prefix }) => prefix === '').map((place) => ({ ...place, name: place.frontend.name })))(
  'a list of $name',
  ({ it, prefix, atRoot, tasksOf }) => {
    it('has the same body in one batch, with its length, and in several batches, without', async ({ startApp }) => {
      const list = async (tasks: TaskRepository) => {
        const app = await checked(await startApp({ contract: atRoot, tasks }), prefix);
        return app.as('demo')('GET', tasksOf('demo'));
      };
      const whole = await list(inBatches(THREE, 3));
      expect(whole.headers.get('content-length')).toBe(String(Buffer.byteLength(whole.text)));
      for (const size of [1, 2]) {
        const streamed = await list(inBatches(THREE, size));
        expect(streamed.text).toBe(whole.text);
        expect(streamed.headers.get('content-type')).toBe(whole.headers.get('content-type'));
        expect(streamed.headers.get('transfer-encoding')).toBe('chunked');
      }
      const emptied = listing(async function* () {
        for (const isLast of [false, true]) yield { tasks: [], isLast };
      });
      expect((await list(emptied)).text).toBe((await list(inBatches([], 1))).text);
    });
  },
);

const it = itWithApp();
const PATH = '/api/demo/tasks';
const CONTRACT = { contract: '007-fastapi-backend', logLevel: 'debug' } as const satisfies AppOptions;

/** Begins to read a list, and stops. */
async function beginReading({ url }: RunningApp, user = 'demo'): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${tokenFor(user)}` };
  const [response] = await once(get(`${url}/api/${user}/tasks`, { headers, agent: false }), 'response');
  response.on('error', () => {});
  return response.pause();
}

describe('a list that fails', () => {
  const failingAfter = (batches: number) =>
    listing(async function* () {
      for (let batch = 0; batch < batches; batch += 1) {
        yield { tasks: THREE, isLast: false };
        await pause(50);
      }
      throw new Unavailable('The database is out of reach', 2);
    });

  it('before its first batch is a 503', async ({ startApp }) => {
    const app = await startApp({ ...CONTRACT, tasks: failingAfter(0) });
    const { status, headers } = await app.as('demo')('GET', PATH);
    expect([status, headers.get('retry-after')]).toEqual([503, '2']);
  });

  it('later is cut off, so that it does not look complete, with one line in the log', async ({ startApp }) => {
    const app = await startApp({ ...CONTRACT, tasks: failingAfter(2) });
    const response = await beginReading(app);
    let received = '';
    const reading = (async () => {
      for await (const chunk of response) received += chunk;
    })();
    await expect(reading).rejects.toThrow('aborted');
    expect(() => JSON.parse(received)).toThrow();
    expect(received.match(/"id"/g)).toHaveLength(6);
    await app.close(1_000);
    expect(app.logged.filter((line) => line.includes('out of reach'))).toHaveLength(1);
  });
});

describe('a long list', () => {
  /** A list that has no end, and the number of batches that were read of it. */
  function endless() {
    const state = { read: 0, closed: 0 };
    const tasks = listing(async function* () {
      try {
        for (;;) {
          state.read += 1;
          yield { tasks: Array.from({ length: 10 }, () => text(50_000)), isLast: false };
          await pause(1);
        }
      } finally {
        state.closed += 1;
      }
    });
    return { state, tasks };
  }

  /** Waits until no more batches are read. */
  async function settled(state: { read: number }): Promise<number> {
    let before = -1;
    while (before !== state.read) {
      before = state.read;
      await pause(300);
    }
    return before;
  }

  it('is read no further than its client reads, and not at all after the client has gone', async ({ startApp }) => {
    const { state, tasks } = endless();
    const app = await startApp({ ...CONTRACT, tasks });
    const response = await beginReading(app);
    const stopped = await settled(state);
    for (let read = 0; read < 20; ) read += (await once(response.resume(), 'data')).length;
    await expect.poll(() => state.read).toBeGreaterThan(stopped);
    response.destroy();
    await expect.poll(() => state.closed).toBe(1);
    expect(await settled(state)).toBe(state.read);
    await expect.poll(() => app.logged.join('\n')).toContain('the client left');
    expect(app.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  it('is cut off when its client makes no progress', async ({ startApp }) => {
    const { state, tasks } = endless();
    const app = await startApp({ ...CONTRACT, tasks, httpLimits: { stallTimeoutMs: 500 } });
    await beginReading(app);
    await expect.poll(() => state.closed).toBe(1);
    await expect.poll(() => app.logged.join('\n')).toContain('the client stopped reading');
  });

  it('is not read for HEAD', async ({ startApp }) => {
    const { state, tasks } = endless();
    const app = await startApp({ ...CONTRACT, tasks });
    const { status, text } = await app.as('demo')('HEAD', PATH);
    expect({ status, text, read: state.read }).toEqual({ status: 200, text: '', read: 1 });
  });

  it('is refused while its user, or all users, have too many that are unfinished', async ({ startApp }) => {
    const MIB = 1024 * 1024;
    const { state, tasks } = endless();
    const app = await startApp({ ...CONTRACT, tasks, unreadLimits: { userBytes: 4 * MIB, totalBytes: 12 * MIB } });
    const [ann, bob, cy] = ['ann', 'bob', 'cy'].map((name) => aUser(name));
    const open = [await beginReading(app, ann), await beginReading(app, ann)];
    expect(open.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    const refused = await app.as(ann!)('GET', `/api/${ann}/tasks`);
    expect(refused).toMatchObject({ status: 503, body: { error: 'service_unavailable' } });
    expect(refused.body.detail).toContain('unread');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(app.logged.filter((line) => line.includes('"overloaded"'))).toEqual([]);
    open.push(await beginReading(app, bob));
    expect((await app.as(cy!)('GET', `/api/${cy}/tasks`)).body.detail).toContain('overloaded');
    expect(app.logged.filter((line) => line.includes('"overloaded"'))).toHaveLength(1);
    open[0]?.destroy();
    await expect.poll(() => state.closed).toBe(1);
    await expect.poll(async () => (await beginReading(app, cy)).statusCode).toBe(200);
    for (const response of open) response.destroy();
  });
});

describe('a response of one piece', () => {
  it('of usual size is sent while large ones take their half', async ({ startApp }) => {
    const large = Array.from({ length: 40 }, () => text(100_000));
    const owned = { ann: large, bob: large, cy: [text(60_000)] };
    const tasks: TaskRepository = {
      ownedBy: (owner) =>
        inBatches(Object.entries(owned).find(([name]) => name === owner)?.[1] ?? [], 100).ownedBy(owner),
    };
    const app = await startApp({ ...CONTRACT, tasks, unreadLimits: { userBytes: 1, totalBytes: 10 * 1024 * 1024 } });
    const unread = await beginReading(app, 'ann');
    expect((await app.as('bob')('GET', '/api/bob/tasks')).status).toBe(503);
    expect((await app.as('cy')('GET', '/api/cy/tasks')).status).toBe(200);
    unread.destroy();
  });

  const LARGE = inBatches(
    Array.from({ length: 40 }, () => text(100_000)),
    100,
  ); // 8 MB, more than a socket takes

  it('counts as unread until its client has read it or has gone', async ({ startApp }) => {
    const MIB = 1024 * 1024;
    const app = await startApp({ ...CONTRACT, tasks: LARGE, unreadLimits: { userBytes: MIB, totalBytes: 24 * MIB } });
    const unread = await beginReading(app, 'ann');
    expect(unread.statusCode).toBe(200); // a single response may exceed the limit
    expect((await app.as('ann')('GET', '/api/ann/tasks')).status).toBe(503);
    expect((await app.as('bob')('GET', '/api/bob/tasks')).status).toBe(503);
    expect((await app.send('GET', '/health')).status).toBe(200);
    unread.resume();
    await once(unread, 'end');
    const next = await beginReading(app, 'ann');
    expect(next.statusCode).toBe(200);
    expect((await app.as('ann')('GET', '/api/ann/tasks')).status).toBe(503);
    next.destroy();
    await expect.poll(async () => (await app.as('ann')('GET', '/api/ann/tasks')).status).toBe(200);
  });
});
