import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { BOUNDS, expectKept, expectRefused, itWithFaultyDatabase as it } from '../support/faulty-database-fixtures.ts';
import type { TestCluster } from '../support/test-cluster.ts';
import { WriteLedger } from '../support/write-ledger.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) process.stderr.write('NO OPENSSL: the test of a database without TLS is skipped; install openssl\n');

const TLS = { ssl: 'on' };

describe('a database', () => {
  it.skipIf(!hasOpenssl)('that no longer offers TLS is a 503 until it does', async ({ cluster, proxy, serve }) => {
    await cluster.stop();
    createCertificate(cluster);
    await cluster.start(TLS);
    const server = await serve({ DATABASE_URL: `${proxy.through(cluster.url)}?sslmode=no-verify` });
    const ledger = new WriteLedger(server);
    try {
      expect((await ledger.create('ann')).status).toBe(201);
      const { rows } = await cluster.query(`select count(*)::int as n from pg_stat_ssl where ssl`);
      expect(rows).toEqual([{ n: expect.toSatisfy((n: number) => n > 0) }]);
      await cluster.stop();
      await cluster.start();
      for (let n = 0; n < 20; n += 1) expectRefused(await ledger.create('ann'), BOUNDS.atOnce);
      await cluster.stop();
      await cluster.start(TLS);
      expect(await ledger.recovery()).toBeLessThan(BOUNDS.recovery);
      await expectKept(ledger, cluster);
      expect(server.log()).not.toContain('internal_error');
    } finally {
      await server.stop();
    }
  });
});

/** Creates the files that `ssl` needs, as the owner of the cluster. */
function createCertificate({ directory }: TestCluster): void {
  const folder = join(directory, 'postgres');
  const [key, certificate] = [join(folder, 'server.key'), join(folder, 'server.crt')];
  const output = ['-keyout', key, '-out', certificate];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', ...output];
  execFileSync('openssl', args, { stdio: 'ignore' });
  const { uid, gid } = statSync(folder);
  for (const file of [key, certificate]) chownSync(file, uid, gid);
}
