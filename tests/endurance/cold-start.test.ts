import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { itWithFaultyDatabase as it } from '../support/faulty-database-fixtures.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { WriteLedger } from '../support/write-ledger.ts';

/** How a suspended database looks: its connections are gone, or a pooler keeps them and the first answer comes late. */
const SUSPENDS: Readonly<Record<string, (proxy: TcpProxy, resumeMs: number) => Promise<void>>> = {
  'that closes its connections': async (proxy, resumeMs) => {
    proxy.connectDelayMs = resumeMs;
    proxy.reset();
    await pause(100);
  },
  'behind a pooler': async (proxy, resumeMs) => {
    await proxy.set('silent');
    setTimeout(() => void proxy.set('pass'), resumeMs);
  },
};

describe.for([
  { timeout: '15', resumeMs: 5_000 },
  { timeout: '5', resumeMs: 1_500 },
])('with DATABASE_TIMEOUT=$timeout, the first requests after a resume of $resumeMs ms', ({ timeout, resumeMs }) => {
  it.for(Object.keys(SUSPENDS))('succeed on a database %s', async (how, { proxy, serve, cluster }) => {
    const server = await serve({ DATABASE_TIMEOUT: timeout });
    const ledger = new WriteLedger(server);
    try {
      expect((await ledger.create('ann')).status).toBe(201);
      expect((await ledger.list('ann')).status).toBe(200);
      await SUSPENDS[how]!(proxy, resumeMs);
      const first = await Promise.all([ledger.create('ann'), ledger.list('ann')]);
      expect(first.map(({ status }) => status)).toEqual([201, 200]);
      for (const { ms } of first) expect(ms).toBeGreaterThan(resumeMs / 2);
      expect(await ledger.audit(cluster)).toMatchObject({ acknowledgedButMissing: 0, appliedTwice: 0 });
    } finally {
      await server.stop();
    }
  });
});
