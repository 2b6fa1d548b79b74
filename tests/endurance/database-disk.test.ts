import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BOUNDS, expectKept, expectRefused, report } from '../support/faulty-database-fixtures.ts';
import { SECRET } from '../support/running-app.ts';
import { serving } from '../support/serving.ts';
import { TestCluster } from '../support/test-cluster.ts';
import { WriteLedger } from '../support/write-ledger.ts';

/** Room for a new cluster and its first segments of the log. */
const VOLUME = 'size=160m';

const mount = (folder: string) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', VOLUME, 'tmpfs', folder], { stdio: 'ignore' });
const unmount = (folder: string) => execFileSync('umount', ['--lazy', folder]);

const canMount = mountWorks();
if (!canMount) process.stderr.write('NO MOUNT: the test of a full disk is skipped; run it as root\n');

describe('a disk', () => {
  it.skipIf(!canMount)('that is full refuses writes until there is room', async ({ onTestFinished }) => {
    const volume = mkdtempSync(join(tmpdir(), 'taskwell-volume-'));
    mount(volume);
    const cluster = await TestCluster.start(join(volume, 'data'));
    const server = await serving({ DATABASE_URL: cluster.url, BETTER_AUTH_SECRET: SECRET, RATE_LIMIT: 'off' });
    onTestFinished(async () => {
      await server.stop();
      await cluster.kill();
      unmount(volume);
      rmSync(volume, { recursive: true });
    });
    const ledger = new WriteLedger(server);
    await ledger.create('ann');
    const filler = fill(volume);
    const answers = [];
    for (let n = 0; n < 300; n += 1) answers.push(await ledger.create('ann'));
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.length).toBeGreaterThan(50);
    for (const answer of refused) expectRefused(answer, BOUNDS.atOnce);
    expect((await ledger.list('ann')).status).toBe(200);
    rmSync(filler);
    const recovery = await ledger.recovery('ann');
    expect(recovery).toBeLessThan(BOUNDS.recovery);
    await expectKept(ledger, cluster);
    expect(server.log()).toContain('"cause":"53100"');
    expect(server.log()).not.toContain('internal_error');
    report(`disk full: ${refused.length} of 300 refused, back after ${Math.round(recovery)} ms`);
  });
});

/** Writes a file until there is no room. @returns its path */
function fill(folder: string): string {
  const path = join(folder, 'filler');
  const file = openSync(path, 'w');
  try {
    for (const size of [1 << 20, 1 << 12]) {
      const block = Buffer.alloc(size);
      try {
        while (writeSync(file, block) === size);
      } catch {
        // ENOSPC: it is full.
      }
    }
  } finally {
    closeSync(file);
  }
  return path;
}

function mountWorks(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'taskwell-mount-'));
  try {
    mount(folder);
    unmount(folder);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
