import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { until } from '../support/command-process.ts';
import { itWithFaultyDatabase, report } from '../support/faulty-database-fixtures.ts';
import { type Answer, type RequestOptions, type Send, tokenFor } from '../support/running-app.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import type { TestCluster } from '../support/test-cluster.ts';

const FAULTS = Number(process.env.KILLS ?? 5);
const PATH = '/contracts/1-backend-integration/api/tasks';

/** `send` sends a request as a user through one of two instances, each time another one. */
const it = itWithFaultyDatabase.extend('sendAs', async ({ server, serve }, { onCleanup }) => {
  const second = await serve();
  onCleanup(() => second.stop());
  return (user: string): Send => {
    const senders = [server, second].map((instance) => instance.sendAs(tokenFor(user)));
    let turn = 0;
    return (...request) => {
      turn += 1;
      return senders[turn % 2]!(...request);
    };
  };
});

/** Repeats a request until it is answered with something other than 503. */
async function insist(send: Send, method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  for (;;) {
    const answer = await send(method, path, options).catch(() => undefined);
    if (answer && answer.status !== 503) return answer;
    await pause(20);
  }
}

const withKey = () => ({ 'idempotency-key': `"${randomUUID()}"` });

type Fault = (database: { cluster: TestCluster; proxy: TcpProxy }) => Promise<void>;

const FAULT_KINDS: readonly Fault[] = [
  async ({ cluster }) => {
    await cluster.kill();
    await cluster.start();
  },
  async ({ proxy }) => {
    proxy.cutAfterBytes = 0; // loses answers of commits
    await pause(100);
    proxy.cutAfterBytes = undefined;
  },
  async ({ proxy }) => proxy.reset(),
];

describe('creates with one Idempotency-Key', () => {
  it('through two instances at once make one task, 20 times over', async ({ sendAs }) => {
    for (let round = 0; round < 20; round += 1) {
      const send = sendAs(`ann-${round}`);
      const options = { body: { title: 'Buy groceries' }, headers: withKey() };
      const answers = await Promise.all(Array.from({ length: 50 }, () => insist(send, 'POST', PATH, options)));
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(answers.filter(({ headers }) => !headers.has('idempotency-replayed'))).toHaveLength(1);
      expect((await send('GET', PATH)).body).toEqual([answers[0]!.body]);
    }
  });

  it('that are repeated until they are acknowledged make one task each, whatever breaks', async ({
    cluster,
    proxy,
    sendAs,
  }) => {
    const acknowledged = new Map<string, Answer>();
    const users = Array.from({ length: 8 }, (_, n) => `writer-${n}`);
    let running = true;
    let replayed = 0;
    const writers = users.map(async (user) => {
      const send = sendAs(user);
      for (let n = 0; running; n += 1) {
        const title = `${user}: ${n}`;
        const answer = await insist(send, 'POST', PATH, { body: { title }, headers: withKey() });
        if (answer.headers.has('idempotency-replayed')) replayed += 1;
        acknowledged.set(title, answer);
      }
    });
    for (let fault = 0; fault < FAULTS; fault += 1) {
      for (const fail of FAULT_KINDS) {
        const before = acknowledged.size;
        await until('creates are acknowledged', () => acknowledged.size > before + 30);
        await fail({ cluster, proxy });
      }
    }
    running = false;
    await Promise.all(writers);
    const { rows } = await cluster.query('select title, count(*) from tasks group by title');
    report(
      `${FAULTS * FAULT_KINDS.length} faults: ${acknowledged.size} creates, ${replayed} found by their key, 0 twice`,
    );
    expect(rows.filter(({ count }) => count !== '1')).toEqual([]);
    expect(rows.map(({ title }) => title).sort()).toEqual([...acknowledged.keys()].sort());
    expect([...acknowledged.values()].every(({ status }) => status === 201)).toBe(true);
    expect(replayed).toBeGreaterThan(0);
  });
});

describe('two writers with the same ETag', () => {
  it('succeed and fail once each, 1,000 times over, through two instances', async ({ sendAs }) => {
    const send = sendAs('ann');
    const created = await send('POST', PATH, { body: { title: 'Buy groceries' } });
    const one = `${PATH}/${created.body.id}`;
    let etag = created.headers.get('etag')!;
    for (let round = 0; round < 1_000; round += 1) {
      const answers = await Promise.all(
        ['Buy milk', 'Buy bread'].map((title) => send('PUT', one, { body: { title }, headers: { 'if-match': etag } })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
      etag = answers.find(({ status }) => status === 200)!.headers.get('etag')!;
    }
    report('1,000 pairs of writers: 1,000 times 200, 1,000 times 412');
  });
});

describe('a client that only follows the changes', () => {
  it('has the same tasks as the server after 10,000 random writes and several crashes', async ({
    cluster,
    proxy,
    sendAs,
  }) => {
    const send = sendAs('ann');
    const known = new Map<number, object>();
    let since = '';
    let pages = 0;
    const follow = async () => {
      const { status, body } = await insist(send, 'GET', `${PATH}/changes?limit=50${since}`);
      expect(status).toBe(200);
      for (const { deleted, ...task } of body.changes) {
        if (deleted) known.delete(task.id);
        else known.set(task.id, task);
      }
      since = `&since=${body.next}`;
      pages += 1;
      return body.more;
    };
    let left = 10_000;
    let working = true;
    const ids: number[] = [];
    const write = async () => {
      const id = ids[randomInt(Math.max(ids.length, 1))];
      const kind = id === undefined ? 0 : randomInt(10);
      if (kind < 4)
        ids.push((await insist(send, 'POST', PATH, { body: { title: 'Buy milk' }, headers: withKey() })).body.id);
      else if (kind < 6) await insist(send, 'PUT', `${PATH}/${id}`, { body: { title: `Buy ${left} eggs` } });
      else if (kind < 8) await insist(send, 'PATCH', `${PATH}/${id}/complete`);
      else {
        ids.splice(ids.indexOf(id!), 1);
        await insist(send, 'DELETE', `${PATH}/${id}`);
      }
    };
    const writers = Array.from({ length: 8 }, async () => {
      while (left > 0) {
        left -= 1;
        await write();
      }
    });
    const following = (async () => {
      while (working) await follow();
    })();
    for (const at of [8_000, 6_000, 4_000, 2_000]) {
      await until('enough is written', () => left < at, 300_000);
      await FAULT_KINDS[(at / 2_000) % FAULT_KINDS.length]!({ cluster, proxy });
    }
    await Promise.all(writers);
    working = false;
    await following;
    while (await follow());
    const { body } = await send('GET', PATH);
    report(`10,000 writes, 4 faults: ${body.length} tasks, read in ${pages} pages of changes`);
    expect([...known.values()].sort(byId)).toEqual(body.sort(byId));
  });
});

function byId(a: object, b: object): number {
  return 'id' in a && 'id' in b ? Number(a.id) - Number(b.id) : 0;
}
