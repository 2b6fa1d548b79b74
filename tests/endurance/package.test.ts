import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/build.ts';

const exec = promisify(execFile);
/** The longest time that npm may take to install the package and what it depends on. */
const INSTALLATION_MS = 300_000;

describe('the package, installed into an empty project', () => {
  let project: string;
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'taskwell-package-'));
    await exec('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: ROOT });
    const [tarball] = await readdir(project);
    await writeFile(join(project, 'package.json'), '{"name":"empty","type":"module","private":true}');
    const packages = ['pino', '@types/node@20'];
    const options = ['--omit=optional', '--prefer-offline', '--no-audit', '--no-fund'];
    await exec('npm', ['install', ...options, `./${tarball}`, ...packages], { cwd: project });
  }, INSTALLATION_MS);
  afterAll(() => rm(project, { recursive: true, force: true }));

  /** Runs a program in the project, after checking its types against the package's. */
  async function run(name: string, source: string): Promise<string> {
    await writeFile(join(project, `${name}.ts`), source);
    const options = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--skipLibCheck', '--types', 'node'];
    await exec(join(ROOT, 'node_modules/.bin/tsc'), [...options, `${name}.ts`], { cwd: project });
    return (await exec(process.execPath, [`${name}.js`], { cwd: project })).stdout;
  }

  /** The TypeScript of docs/library.md below one of its headings. */
  async function example(heading: string): Promise<string> {
    const text = await readFile(join(ROOT, 'docs/library.md'), 'utf8');
    const [, code] = /```ts\n(.*?)```/s.exec(text.slice(text.indexOf(heading))) ?? [];
    return code!;
  }

  it('runs use cases on the repository in memory, as the documentation shows', async () => {
    const code = await example('## Use cases without a server');
    expect(code.trim().split('\n').length).toBeLessThanOrEqual(12);
    expect(await run('use-cases', code)).toBe('Buy groceries true\n');
  });

  it('mounts the app in a custom server with a custom repository, as the documentation shows', async () => {
    const code = await example('## The app in a server of your own');
    expect(JSON.parse(await run('server', code))).toEqual({ tasks: [], count: 0 });
  });

  it('includes the command', async () => {
    const { stdout } = await exec(join(project, 'node_modules/.bin/taskwell'), ['--version']);
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(stdout).toBe(`${version}\n`);
  });

  it('contains only the files that it needs', async () => {
    const files = await readdir(join(project, 'node_modules/taskwell'));
    expect(files.sort()).toEqual(['LICENSE', 'README.md', 'auth-migrations', 'dist', 'migrations', 'package.json']);
  });
});

/** The package as somebody tries it: a tarball, an empty folder and `npx`. */
const itWithTarball = it
  .extend('prefix', { scope: 'file' }, join(tmpdir(), 'taskwell-npx-'))
  .extend('folder', { scope: 'file' }, async ({ prefix }, { onCleanup }) => {
    const folder = await mkdtemp(prefix);
    onCleanup(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
    return folder;
  })
  .extend('tarball', { scope: 'file' }, async ({ folder }) => {
    await exec('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT });
    const [tarball = ''] = await readdir(folder);
    return join(folder, tarball);
  })
  /** A cache that goes with the folder, because npx installs into it, but with the downloads of the real one. */
  .extend('cache', { scope: 'file' }, async ({ folder }) => {
    const { stdout } = await exec('npm', ['config', 'get', 'cache']);
    const cache = join(folder, 'cache');
    await mkdir(cache);
    await symlink(join(stdout.trim(), '_cacache'), join(cache, '_cacache'));
    return cache;
  });

describe('npx with the tarball of the package', () => {
  itWithTarball(
    'prints help, checks the configuration, and serves tasks from the embedded database',
    async ({ folder, tarball, cache, onTestFinished }) => {
      const { PATH = '', HOME = '' } = process.env;
      const commands = 'taskwell serve --help && taskwell check && exec taskwell serve';
      const server = spawn('npx', ['--yes', '--prefer-offline', `--package=${tarball}`, '--call', commands], {
        cwd: folder,
        env: { PATH, HOME, PORT: '0', npm_config_cache: cache },
        detached: true,
      });
      const closed = once(server, 'close');
      onTestFinished(async () => {
        if (server.exitCode === null && server.signalCode === null) process.kill(-server.pid!, 'SIGTERM');
        await closed;
      });
      let out = '';
      for (const stream of [server.stdout, server.stderr]) {
        stream.on('data', (chunk) => {
          out += chunk;
        });
      }
      const welcome = /^ {2}curl -H 'Authorization: (Bearer \S+)' (http\S+)$/m;
      await expect.poll(() => out, { timeout: INSTALLATION_MS }).toMatch(welcome);
      expect(out).toContain('Usage: taskwell serve');
      expect(out).toMatch(/^Database: PostgreSQL [\d.]+, embedded; .*, answers as PostgreSQL/m);

      const [, authorization = '', url = ''] = welcome.exec(out)!;
      const headers = { authorization, 'content-type': 'application/json' };
      const created = await fetch(url, { method: 'POST', headers, body: '{"title":"Buy groceries"}' });
      expect(created.status).toBe(201);
      const listed = await fetch(url, { headers });
      expect(await listed.json()).toMatchObject({ count: 1, tasks: [{ title: 'Buy groceries' }] });
      server.kill('SIGTERM'); // npx passes it on
      await closed;
      expect(out).toContain('stopped');
    },
    2 * INSTALLATION_MS,
  );
});
