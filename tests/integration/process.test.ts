import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runningProcess } from '../../infrastructure/embedded-postgres/running-process.ts';
import { ROOT } from '../support/build.ts';
import { SECRET, sender } from '../support/running-app.ts';
import { createTestDatabase } from '../support/test-database.ts';

const MAIN = join(ROOT, 'dist/cli/main.js');

let folder: string;
/** Each with its end, by when all that it wrote is there. */
const started = new Map<ChildProcess, Promise<unknown>>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskwell-process-'));
});
afterEach(async () => {
  for (const child of started.keys()) await ended(child, 'SIGTERM');
  started.clear();
  await stopOrphan();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** The command in a process of its own, in an empty folder, on the embedded database. */
function taskwell(env: Record<string, string> = {}, command: string = process.execPath, args: string[] = [MAIN]) {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(command, args, { cwd: folder, env: { PATH, HOME, PORT: '0', ...env } });
  started.set(child, once(child, 'close'));
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    text.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text.err += chunk;
  });
  const ready = async (): Promise<{ curl: string; url: string; authorization: string }> => {
    const pattern = /^ {2}(curl -H 'Authorization: (Bearer \S+)' (http:\/\/[^/]+)\S+)$/m;
    for (;;) {
      const [, curl, authorization, url] = pattern.exec(text.out) ?? [];
      if (curl && authorization && url) return { curl, url, authorization };
      await Promise.race([
        once(child.stdout, 'data'),
        once(child, 'exit').then(() => Promise.reject(new Error(`it ended: ${text.err}`))),
      ]);
    }
  };
  return { child, text, ready };
}

/** What `npm start` builds and runs, apart from the packages. */
const PROJECT = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'rolldown.config.js',
  'dist',
  ...['domain', 'application', 'infrastructure', 'interfaces', 'migrations'],
];

/** A copy of the project to build in: what is built in this one is in use by the tests beside. */
async function checkout(): Promise<string> {
  const copy = join(folder, 'checkout');
  await mkdir(copy);
  for (const part of PROJECT) await cp(join(ROOT, part), join(copy, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** @param signal what ends it; by default it ends by itself */
async function ended(child: ChildProcess, signal?: NodeJS.Signals): Promise<number | null> {
  if (signal) child.kill(signal);
  await started.get(child);
  return child.exitCode;
}

/** Ends a database that outlived its server, as after a kill -9. */
async function stopOrphan(): Promise<void> {
  const pid = await postmaster();
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    // it has ended by itself
  }
}

/** The pid of the database's main process while there is one. */
async function postmaster(): Promise<number | undefined> {
  const text = await readFile(join(folder, 'data/postgres/postmaster.pid'), 'utf8').catch(() => '');
  return text === '' ? undefined : Number(text.split('\n')[0]);
}

describe('a command that has done its work', () => {
  it('ends', async () => {
    const test = await createTestDatabase();
    const settings = { DATABASE_URL: test.url, BETTER_AUTH_SECRET: SECRET };
    const { child, text } = taskwell(settings, process.execPath, [MAIN, 'erase-user', 'ann']);
    const code = await ended(child);
    await test.drop();
    expect({ code, ...text }).toMatchObject({ code: 0, out: expect.stringContaining('ann'), err: '' });
  });
});

describe('a command whose output nobody reads any more', () => {
  it('ends without a word', async () => {
    const { child, text } = taskwell({}, process.execPath, [MAIN, '--help']);
    child.stdout?.destroy();
    expect(await ended(child)).toBe(1);
    expect(text.err).toBe('');
  });

  it.each(['1', '2'])('ends in good order where it is a server (WORKERS=%s)', async (WORKERS) => {
    const { child, text, ready } = taskwell({ WORKERS });
    const { url } = await ready();
    child.stdout?.destroy();
    expect((await sender(url)('GET', '/health')).status).toBe(200);
    expect(await ended(child)).toBe(0);
    expect(text.err).toBe('');
    expect(await postmaster()).toBeUndefined();
  });
});

describe('npm start, without any configuration', () => {
  it('serves, and prints a first request that works as it stands', async () => {
    const { child, text, ready } = taskwell();
    const { curl } = await ready();
    expect(text.out).toContain(join(folder, 'data/postgres'));
    const { stdout } = await promisify(execFile)('bash', ['-c', curl.replace('curl', 'curl --silent')]);
    expect(JSON.parse(stdout)).toEqual({ tasks: [], count: 0 });
    expect(await ended(child, 'SIGTERM')).toBe(0);
    expect(text.err).toBe('');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('is stopped in good order by a %s to npm', async (signal) => {
    const project = await checkout();
    await rm(join(project, 'dist/cli'), { recursive: true });
    const { child, text, ready } = taskwell({ DATA_DIR: join(folder, 'data') }, 'npm', ['start', '--prefix', project]);
    await ready();
    expect(await ended(child, signal)).toBe(0);
    expect(text.out).toContain('"msg":"stopped"');
    expect(await postmaster()).toBeUndefined();
  });

  it('keeps its tasks over a stop, and leaves no process behind', async () => {
    const first = taskwell();
    const { url, authorization } = await first.ready();
    const headers = { authorization, 'content-type': 'application/json' };
    const { body: task } = await sender(url)('POST', '/api/demo/tasks', { headers, body: { title: 'Buy groceries' } });
    expect(await ended(first.child, 'SIGINT')).toBe(0);
    expect(await postmaster()).toBeUndefined();
    const again = await taskwell().ready();
    const { body } = await sender(again.url)('GET', '/api/demo/tasks', {
      headers: { authorization: again.authorization },
    });
    expect(body).toEqual({ tasks: [task], count: 1 });
  });

  it('keeps its tasks over a kill -9', async () => {
    const first = taskwell();
    const { url, authorization } = await first.ready();
    const headers = { authorization, 'content-type': 'application/json' };
    for (let n = 1; n <= 20; n += 1) {
      await sender(url)('POST', '/api/demo/tasks', { headers, body: { title: `Task ${n}` } });
    }
    await ended(first.child, 'SIGKILL');
    const again = await taskwell().ready();
    const { body } = await sender(again.url)('GET', '/api/demo/tasks', { headers: { authorization } });
    expect(body.count).toBe(20);
  });

  it('refuses a data folder that another server uses, in one line', async () => {
    await taskwell().ready();
    const second = taskwell();
    expect(await ended(second.child)).toBe(1);
    expect(second.text.err).toMatch(/^.*data.* is in use by another Taskwell \(process \d+\).*DATA_DIR.*\n$/);
  });

  it('stops its database again when its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { child, text } = taskwell({ PORT: String((other.address() as { port: number }).port) });
    expect(await ended(child)).toBe(1);
    other.close();
    expect(text.err).toMatch(/^Port \d+ on 127\.0\.0\.1 is in use: .* PORT .*\n$/);
    expect(await postmaster()).toBeUndefined();
  });

  it('ends at once at a second signal, database and all', async () => {
    const { child, ready } = taskwell();
    await ready();
    child.kill('SIGINT');
    await ended(child, 'SIGTERM');
    const pid = await postmaster();
    if (pid !== undefined) await gone(pid);
  });

  it('leaves no database behind when it is stopped while the database starts', async () => {
    const { child } = taskwell();
    await expect.poll(postmaster, { interval: 1, timeout: 60_000 }).toBeDefined();
    const pid = await postmaster();
    await ended(child, 'SIGTERM');
    if (pid !== undefined) await gone(pid);
  });

  it('reads the file .env of its folder', async () => {
    await promisify(execFile)('bash', ['-c', `echo 'API_CONTRACT=nonsense' > ${join(folder, '.env')}`]);
    const { child, text } = taskwell();
    expect(await ended(child)).toBe(78);
    expect(text.err).toContain('API_CONTRACT must be one of 007-fastapi-backend');
    await expect(access(join(folder, 'data'))).rejects.toThrow();
  });
});

/** Resolves once there is no such process. */
async function gone(pid: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (runningProcess(pid) === undefined) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`process ${pid} lives on`);
}
