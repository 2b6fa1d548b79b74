import { describe, expect } from 'vitest';
import { type Fault, LASTING_FAULTS } from '../support/database-faults.ts';
import {
  BOUNDS,
  expectKept,
  expectRefused,
  itWithFaultyDatabase as it,
  report,
} from '../support/faulty-database-fixtures.ts';
import type { TimedAnswer, WriteLedger } from '../support/write-ledger.ts';

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
  it.for(Object.entries<Fault>(LASTING_FAULTS))(
    'is a 503 in time, then at once, and over on its own: %s',
    async ([name, { refuses, begin, end }], { cluster, proxy, server, ledger }) => {
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
});
