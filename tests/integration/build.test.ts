import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it as test } from 'vitest';
import { ROOT } from '../support/build.ts';
import { folderForTest } from '../support/folder-for-test.ts';

/** `project` is a small project with a build and without development dependencies. `build` runs the build there. */
const it = test
  .extend('project', async ({ onTestFinished }) => {
    const project = await folderForTest({ onTestFinished });
    await cp(join(ROOT, 'scripts'), join(project, 'scripts'), { recursive: true });
    for (const folder of ['domain', 'dist/cli', 'dist/assets']) await mkdir(join(project, folder), { recursive: true });
    const files = {
      'package.json': '{"type":"module"}',
      'domain/title.ts': '',
      'dist/cli/main.js': '',
      'dist/cli/worker.js': '',
    };
    for (const [file, text] of Object.entries(files)) await writeFile(join(project, file), text);
    const { STAMP, sourceFingerprint } = await import(join(project, 'scripts/source-fingerprint.js'));
    await writeFile(STAMP, sourceFingerprint());
    return project;
  })
  .extend('build', ({ project }) => async (option: string) => {
    const finished = promisify(execFile)(process.execPath, [join(project, 'scripts/build.js'), option]);
    const { stdout, stderr, code } = await finished.then(
      (output) => ({ ...output, code: 0 }),
      (failed: { stdout: string; stderr: string; code: number }) => failed,
    );
    return { code, text: stdout + stderr };
  });

const oneLine = (pattern: string) => expect.stringMatching(new RegExp(`^${pattern}\\n$`));

describe('the build before a start', () => {
  it('is skipped if the sources have not changed', async ({ build }) => {
    expect(await build('--if-stale')).toEqual({ code: 0, text: '' });
  });

  it.for(['change', 'are deleted'])(
    'keeps what is there if the sources %s and nothing can be built',
    async (how, { project, build }) => {
      const source = join(project, 'domain/title.ts');
      await (how === 'change' ? writeFile(source, '// changed') : rm(source));
      expect(await build('--if-stale')).toEqual({ code: 0, text: oneLine('Starting the build that is there: .*') });
    },
  );

  it('says in one line what to do if there is none', async ({ project, build }) => {
    await rm(join(project, 'dist'), { recursive: true });
    expect(await build('--if-stale')).toEqual({ code: 1, text: oneLine('Taskwell cannot be built, .*npm ci.*') });
    expect(await build('--if-possible')).toEqual({ code: 0, text: oneLine('Taskwell is not built, .*npm ci.*') });
  });
});

describe('the build', () => {
  it('leaves a command that npx can run, each time', () => {
    accessSync(join(ROOT, 'dist/cli/main.js'), constants.X_OK);
  });

  it('writes source maps that contain the sources, which are not part of the package', async () => {
    const maps = (await readdir(join(ROOT, 'dist'), { recursive: true })).filter((file) => file.endsWith('.js.map'));
    expect(maps.length).toBeGreaterThan(100);
    for (const map of maps) {
      const { sources, sourcesContent = [] } = JSON.parse(await readFile(join(ROOT, 'dist', map), 'utf8'));
      expect(
        sourcesContent.filter((text: unknown) => typeof text === 'string'),
        map,
      ).toHaveLength(sources.length);
    }
  });

  // npm start is the exception: without exec, the shell between npm and the server would swallow the signal to stop.
  it('runs in every shell, as do the other scripts that newcomers use', async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const named = ['build', 'dev', 'prepare', 'prestart', 'pretest', 'test'].map((name) => scripts[name]);
    expect(named.filter((script) => !/^[\w-]/.test(script) || /\bexec\b|[<>|;$'"\\]|^\w+=/.test(script))).toEqual([]);
  });
});
