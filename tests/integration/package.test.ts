import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/build.ts';

const exec = promisify(execFile);

describe('the package, installed into an empty project', () => {
  let project: string;
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'taskwell-package-'));
    await exec('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: ROOT });
    const [tarball] = await readdir(project);
    await writeFile(join(project, 'package.json'), '{"name":"empty","type":"module","private":true}');
    const packages = ['koa', 'pino', '@types/koa', '@types/node@20'];
    const options = ['--omit=optional', '--prefer-offline', '--no-audit', '--no-fund'];
    await exec('npm', ['install', ...options, `./${tarball}`, ...packages], { cwd: project });
  }, 300_000);
  afterAll(() => rm(project, { recursive: true, force: true }));

  /** Runs a program in the project, after checking its types against the package's. */
  async function run(name: string, source: string): Promise<string> {
    await writeFile(join(project, `${name}.ts`), source);
    const options = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--skipLibCheck', '--types', 'node'];
    await exec(join(ROOT, 'node_modules/.bin/tsc'), [...options, `${name}.ts`], { cwd: project });
    return (await exec(process.execPath, [`${name}.js`], { cwd: project })).stdout;
  }

  /** The TypeScript of the README below one of its headings. */
  async function readme(heading: string): Promise<string> {
    const text = await readFile(join(ROOT, 'README.md'), 'utf8');
    const [, code] = /```ts\n(.*?)```/s.exec(text.slice(text.indexOf(heading))) ?? [];
    return code!;
  }

  it('runs use cases on the repository in memory, as the README shows', async () => {
    const code = await readme('### Use cases without a server');
    expect(code.trim().split('\n').length).toBeLessThanOrEqual(12);
    expect(await run('use-cases', code)).toBe('Buy groceries true\n');
  });

  it('mounts the app in a custom server with a custom repository, as the README shows', async () => {
    const code = await readme('### The app in a server of your own');
    expect(JSON.parse(await run('server', code))).toEqual({ tasks: [], count: 0 });
  });

  it('includes the command', async () => {
    const { stdout } = await exec(join(project, 'node_modules/.bin/taskwell'), ['--version']);
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(stdout).toBe(`${version}\n`);
  });

  it('contains only the files that it needs', async () => {
    const files = await readdir(join(project, 'node_modules/taskwell'));
    expect(files.sort()).toEqual(['LICENSE', 'README.md', 'dist', 'migrations', 'package.json']);
  });
});
