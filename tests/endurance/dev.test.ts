import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it as test } from 'vitest';
import { checkout } from '../support/checkout.ts';
import { startProcess, until } from '../support/command-process.ts';
import { folderForTest } from '../support/folder-for-test.ts';

const NOTICED = 'dev: a file has changed';

/**
 * - `project`: a copy of this project
 * - `edit` replaces a text in one of its files, as editors do: by another file of the same name
 * - `dev` runs `npm run dev` there, in a process group of its own; `ready` resolves with the address of a server that
 *   prints this greeting
 */
const it = test
  .extend('folder', folderForTest)
  .extend('project', ({ folder }) => checkout(folder))
  .extend('edit', ({ project }) => async (from: string, to: string) => {
    const path = join(project, 'interfaces/cli/welcome-message.ts');
    const text = await readFile(path, 'utf8');
    expect(text).toContain(from);
    await writeFile(`${path}~`, text.replace(from, to));
    await rename(`${path}~`, path);
  })
  .extend('dev', async ({ folder, project, onTestFinished }) => {
    const env = { PORT: '0', DATA_DIR: join(folder, 'data') };
    const dev = startProcess({
      folder,
      env,
      command: 'npm',
      args: ['run', 'dev', '--prefix', project],
      detached: true,
    });
    const signalGroup = (signal: NodeJS.Signals) => process.kill(-(dev.child.pid ?? 0), signal);
    let ended = false;
    void dev.ended.then(() => {
      ended = true;
    });
    onTestFinished(async () => {
      if (!ended) signalGroup('SIGTERM');
      await dev.ended;
    });
    const ready = (greeting: string) => dev.waitFor((out) => new RegExp(`${greeting} (http://\\S+)`).exec(out)?.[1]);
    return { ...dev, signalGroup, ready };
  });

const isUp = (url: string) => fetch(`${url}/health`).then(({ ok }) => ok);

it('restarts on a change, survives a syntax error, and ends at Ctrl-C', async ({ folder, edit, dev }) => {
  await dev.ready('is ready at');

  await edit('is ready at', 'is up at');
  const url = await dev.ready('is up at');

  await edit('is up at', '${ is up at');
  await until('the build has failed', () => dev.text.err.includes('dev: the build failed'));
  expect(dev.text.out).toMatch(/welcome-message\.ts.*error TS\d+/);
  expect(await isUp(url)).toBe(true);

  await edit('${ is up at', 'is back at');
  const again = await dev.ready('is back at');
  await pause(3_000); // several polls, in which its own output must not count as a change
  expect(dev.text.err.split(NOTICED)).toHaveLength(1 + 3);
  expect(await isUp(again)).toBe(true);

  dev.signalGroup('SIGINT');
  await dev.ended;
  expect(dev.text.out.split('"msg":"stopped"')).toHaveLength(1 + 3);
  await expect(isUp(again)).rejects.toThrow();
  expect(existsSync(join(folder, 'data/postgres/postmaster.pid'))).toBe(false);
});

it('waits for a change when the server ends by itself, and ends with the shell that npm started', async ({
  project,
  dev,
  edit,
}) => {
  await dev.ready('is ready at');
  await writeFile(join(project, '.env'), 'API_CONTRACT=nonsense\n');
  await until('the server has refused to start', () => dev.text.err.includes('dev: the server has ended with exit'));
  await writeFile(join(project, '.env'), 'API_CONTRACT=003-backend-api\n');
  await edit('is ready at', 'is back at');
  const url = await dev.ready('is back at');
  dev.child.kill('SIGTERM'); // npm and its shell end without passing it on
  await until('the server has ended', () =>
    isUp(url).then(
      (up) => !up,
      () => true,
    ),
  );
  await dev.ended;
});
