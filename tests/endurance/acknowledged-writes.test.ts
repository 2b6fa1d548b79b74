import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { until } from '../support/command-process.ts';
import { itWithFaultyDatabase as it, report } from '../support/faulty-database-fixtures.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import type { TestCluster } from '../support/test-cluster.ts';

/** How often the database fails. `KILLS=50 npx vitest run --project endurance tests/endurance/acknowledged-writes.test.ts` */
const KILLS = Number(process.env.KILLS ?? 10);
const WRITERS = Array.from({ length: 16 }, (_, n) => `writer-${n}`);

type Break = (database: { cluster: TestCluster; proxy: TcpProxy }) => Promise<void>;

const killServer: Break = async ({ cluster }) => {
  await cluster.kill();
  await cluster.start();
};

/** Loses answers of commits. */
const cutAnswers: Break = async ({ proxy }) => {
  proxy.cutAfterBytes = 0;
  await pause(100);
  proxy.cutAfterBytes = undefined;
};

const resetConnections: Break = async ({ proxy }) => proxy.reset();

describe('a create', () => {
  it(`that is acknowledged is kept over ${KILLS} kills, and one that is refused is not applied`, async ({
    cluster,
    proxy,
    server,
    ledger,
    onTestFinished,
  }) => {
    let running = true;
    onTestFinished(() => {
      running = false;
    });
    const writers = WRITERS.map(async (user) => {
      while (running) if ((await ledger.create(user)).status !== 201) await pause(20);
    });
    let slowest = 0;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      for (const fail of [killServer, cutAnswers, resetConnections]) {
        const before = ledger.acknowledged.size;
        await until('writes are acknowledged', () => ledger.acknowledged.size > before + 30);
        await fail({ cluster, proxy });
        slowest = Math.max(slowest, await ledger.recovery());
      }
    }
    running = false;
    await Promise.all(writers);
    const audit = await ledger.audit(cluster);
    const { acknowledged, refused, unconfirmed } = ledger;
    report(
      `${KILLS} kills, ${2 * KILLS} cuts: ${acknowledged.size} acknowledged, ${audit.acknowledgedButMissing} of them lost; ` +
        `${refused.size} refused, ${audit.refusedButApplied} of them applied; ` +
        `${unconfirmed.size} unconfirmed, ${audit.unconfirmed.applied} of them applied; ${audit.appliedTwice} applied twice; ` +
        `slowest recovery ${Math.round(slowest)} ms`,
    );
    expect(audit).toMatchObject({ acknowledgedButMissing: 0, appliedTwice: 0, refusedButApplied: 0 });
    expect(unconfirmed.size).toBeGreaterThan(0);
    expect(server.log()).not.toContain('internal_error');
  });
});
