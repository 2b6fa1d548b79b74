import { describe, expect } from 'vitest';
import { FAULT_NAMES, FAULTS } from '../support/database-faults.ts';
import {
  BOUNDS,
  expectKept,
  expectRefused,
  itWithFaultyDatabase as it,
  report,
} from '../support/faulty-database-fixtures.ts';
import { type TimedAnswer, WriteLedger } from '../support/write-ledger.ts';

const USERS = Array.from({ length: 10 }, (_, n) => `user-${n}`);

/** Sends a create and a list as each user. */
async function load(ledger: WriteLedger): Promise<{ writes: TimedAnswer[]; reads: TimedAnswer[] }> {
  const [writes, reads] = [USERS.map((user) => ledger.create(user)), USERS.map((user) => ledger.list(user))];
  return { writes: await Promise.all(writes), reads: await Promise.all(reads) };
}

const expectServed = ({ writes, reads }: Awaited<ReturnType<typeof load>>) => {
  expect(writes.map(({ status }) => status)).toEqual(USERS.map(() => 201));
  expect(reads.map(({ status }) => status)).toEqual(USERS.map(() => 200));
};

describe('a fault of the database', () => {
  it.for(FAULT_NAMES)(
    'is a 503 in time, then at once, and over on its own: %s',
    async (name, { cluster, proxy, server, ledger }) => {
      const { refuses, begin, end } = FAULTS[name];
      expectServed(await load(ledger));
      await begin({ cluster, proxy });
      try {
        const first = await load(ledger);
        for (const answer of first.writes) expectRefused(answer, BOUNDS.patience);
        // A read may still meet a connection that the fault has ended.
        for (const answer of first.reads) if (answer.status !== 200) expectRefused(answer, BOUNDS.patience);
        for (let round = 0; round < 3; round += 1) {
          const { writes, reads } = await load(ledger);
          for (const answer of writes) expectRefused(answer, BOUNDS.atOnce);
          if (refuses === 'writes') for (const { status } of reads) expect(status).toBe(200);
          else for (const answer of reads) expectRefused(answer, BOUNDS.atOnce);
        }
        expect((await server.send('GET', '/health')).status).toBe(200);
        expect([200, 503]).toContain((await server.send('GET', '/ready')).status);
      } finally {
        await end({ cluster, proxy });
      }
      const recovery = await ledger.recovery();
      expect(recovery).toBeLessThan(BOUNDS.recovery);
      expectServed(await load(ledger));
      await expectKept(ledger, cluster);
      expect(server.log()).not.toContain('internal_error');
      report(`${name}: back after ${Math.round(recovery)} ms`);
    },
  );

  it.for(FAULT_NAMES)('does not keep a server from stopping: %s', async (name, { cluster, proxy, serve }) => {
    const server = await serve();
    const ledger = new WriteLedger(server);
    await load(ledger);
    await FAULTS[name].begin({ cluster, proxy });
    try {
      const waiting = Promise.allSettled(USERS.map((user) => ledger.create(user)));
      const start = performance.now();
      await server.stop();
      const ms = performance.now() - start;
      expect(ms).toBeLessThan(BOUNDS.stop);
      // A request that arrives after the signal finds no listener.
      for (const sent of await waiting) if (sent.status === 'fulfilled') expect(sent.value.status).toBe(503);
      report(`${name}: stopped after ${Math.round(ms)} ms`);
    } finally {
      await FAULTS[name].end({ cluster, proxy });
    }
  });
});
