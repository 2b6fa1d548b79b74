import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it as test } from 'vitest';
import { runningProcess } from '../../infrastructure/embedded-postgres/running-process.ts';
import { ROOT } from '../support/build.ts';
import { until } from '../support/command-process.ts';
import { folderForTest } from '../support/folder-for-test.ts';

/** A program that starts a server with a lifeline, a plain shell here, and prints its process id. */
const OWNER = `
  import { spawn } from 'node:child_process';
  import { attachLifeline } from '${pathToFileURL(join(ROOT, 'dist/infrastructure/embedded-postgres/lifeline.js')).href}';
  const program = 'trap "exit 0" INT; while :; do sleep 0.05; done';
  const server = spawn('/bin/sh', ['-c', program], { detached: true, stdio: 'ignore' });
  attachLifeline(server);
  console.log(server.pid);
  server.unref();
  if (process.argv[2] === 'stay') setInterval(() => {}, 1000);`;

const it = test.extend('folder', folderForTest).extend('startOwner', ({ folder, onTestFinished }) => (then: string) => {
  writeFileSync(join(folder, 'owner.mjs'), OWNER);
  const child = spawn(process.execPath, [join(folder, 'owner.mjs'), then], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
});

describe.skipIf(process.platform === 'win32')('a lifeline without setpriv', () => {
  it('ends the server after a kill -9 of its owner', async ({ startOwner }) => {
    const owner = startOwner('stay');
    const pid = Number(String((await once(owner.stdout, 'data'))[0]));
    expect(runningProcess(pid)).toBeDefined();
    owner.kill('SIGKILL');
    await until('the server has ended', () => runningProcess(pid) === undefined);
  });

  it('does not keep its owner from exiting, and ends the server then, too', async ({ startOwner }) => {
    const owner = startOwner('leave');
    const [[text], exit] = await Promise.all([once(owner.stdout, 'data'), once(owner, 'exit')]);
    expect(exit).toEqual([0, null]);
    await until('the server has ended', () => runningProcess(Number(String(text))) === undefined);
  });
});
