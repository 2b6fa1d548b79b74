import { describe, expect } from 'vitest';
import {
  BOUNDS,
  expectKept,
  expectRefused,
  itWithFaultyDatabase as it,
  report,
} from '../support/faulty-database-fixtures.ts';
import type { TestCluster } from '../support/test-cluster.ts';
import type { WriteLedger } from '../support/write-ledger.ts';

const OTHERS = Array.from({ length: 8 }, (_, n) => `user-${n}`);
const POOL_SIZE = 10;

/** Holds a lock, and sends creates as these users all the time. @returns how many each answer got */
async function loadWhileLocked(
  { cluster, ledger, seconds, users }: { cluster: TestCluster; ledger: WriteLedger; seconds: number; users: string[] },
  lock: string,
): Promise<{ served: Map<string, number>; refused: number; backends: number }> {
  const client = await cluster.connect();
  await client.query('begin');
  await client.query(lock);
  const until = performance.now() + seconds * 1_000;
  const served = new Map<string, number>();
  let refused = 0;
  const writers = users.map(async (user) => {
    while (performance.now() < until) {
      const answer = await ledger.create(user);
      if (answer.status === 201) served.set(user, (served.get(user) ?? 0) + 1);
      else {
        expectRefused(answer, BOUNDS.patience);
        refused += 1;
      }
    }
  });
  const sessions = `select from pg_stat_activity where application_name = 'taskwell'`;
  let backends = 0;
  while (performance.now() < until) backends = Math.max(backends, (await cluster.query(sessions)).rowCount ?? 0);
  await Promise.all(writers);
  await client.query('commit');
  await client.end();
  return { served, refused, backends };
}

describe('a lock', () => {
  it.for([20, 45])(
    'on a table for %d s refuses writes, which are not applied later',
    async (seconds, { cluster, ledger }) => {
      await Promise.all(OTHERS.map((user) => ledger.create(user)));
      const lock = 'lock table tasks in access exclusive mode';
      const { refused, backends } = await loadWhileLocked({ cluster, ledger, seconds, users: OTHERS }, lock);
      expect(refused).toBeGreaterThan(seconds);
      expect(backends).toBeLessThanOrEqual(POOL_SIZE + 2);
      const recovery = await ledger.recovery();
      expect(recovery).toBeLessThan(BOUNDS.recovery);
      await expectKept(ledger, cluster);
      report(
        `table locked for ${seconds} s: ${refused} refused, ${backends} sessions, back after ${Math.round(recovery)} ms`,
      );
    },
  );

  it("on one user's counter for 15 s refuses this user alone", async ({ cluster, ledger }) => {
    const user = 'locked';
    await Promise.all([user, ...OTHERS].map((name) => ledger.create(name)));
    const lock = `select from task_counters where user_id = '${user}' for update`;
    const users = [user, user, user, ...OTHERS];
    const { served, refused, backends } = await loadWhileLocked({ cluster, ledger, seconds: 15, users }, lock);
    expect(served.get(user)).toBeUndefined();
    expect(refused).toBeGreaterThan(3);
    for (const other of OTHERS) expect(served.get(other)).toBeGreaterThan(15);
    expect(backends).toBeLessThanOrEqual(POOL_SIZE + 2);
    expect(await ledger.recovery(user)).toBeLessThan(BOUNDS.recovery);
    await expectKept(ledger, cluster);
    report(
      `counter locked for 15 s: ${refused} refused, ${[...served.values()].reduce((a, b) => a + b)} of others served`,
    );
  });
});
