import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { runningProcess } from '../../infrastructure/embedded-postgres/running-process.ts';
import { checkout } from '../support/checkout.ts';
import { MAIN, startProcess, until } from '../support/command-process.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { folderForTest } from '../support/folder-for-test.ts';
import { SECRET, sender } from '../support/running-app.ts';

/**
 * - `folder`: an empty folder
 * - `postmaster`: the pid of the main process of the embedded database in `folder`, while there is one
 * - `taskwell` starts the command in a process of its own, in `folder`, on the embedded database, and ends it after the test
 */
const it = itWithDatabase()
  .extend('folder', folderForTest)
  .extend('postmaster', ({ folder }) => async (): Promise<number | undefined> => {
    const text = await readFile(join(folder, 'data/postgres/postmaster.pid'), 'utf8').catch(() => '');
    return text === '' ? undefined : Number(text.split('\n')[0]);
  })
  .extend('taskwell', ({ folder, onTestFinished }) => {
    return (env: Record<string, string> = {}, command?: string, args?: readonly string[]) => {
      const { child, text, ended, waitFor } = startProcess({ folder, env: { PORT: '0', ...env }, command, args });
      onTestFinished(async () => {
        child.kill('SIGTERM');
        await ended;
      });
      const stop = (signal: NodeJS.Signals) => {
        child.kill(signal);
        return ended;
      };
      const ready = () =>
        waitFor((out) => {
          const pattern = /^ {2}(curl -H 'Authorization: (Bearer \S+)' (http:\/\/[^/]+)\S+)$/m;
          const [, curl, authorization, url] = pattern.exec(out) ?? [];
          return curl && authorization && url ? { curl, url, authorization } : undefined;
        });
      return { child, text, ended, stop, ready };
    };
  });

describe('variables of libpq', () => {
  it('change no connection, and are named in the log', async ({ taskwell }) => {
    const { ready, text } = taskwell({
      PGOPTIONS: '-c default_transaction_read_only=on',
      PGSSLMODE: 'require',
      PGREPLICATION: 'database',
      PGUSER: 'nobody',
      PGHOST: '192.0.2.1',
    });
    const { url, authorization } = await ready();
    const headers = { authorization, 'content-type': 'application/json' };
    expect((await sender(url)('POST', '/api/demo/tasks', { headers, body: { title: 'Milk' } })).status).toBe(201);
    for (const name of ['PGOPTIONS', 'PGSSLMODE', 'PGREPLICATION', 'PGUSER', 'PGHOST']) {
      expect(text.out).toContain(`${name} has no effect`);
    }
  });
});

describe('a command that is finished', () => {
  it('ends', async ({ database, taskwell }) => {
    const settings = { ...database.settings, BETTER_AUTH_SECRET: SECRET };
    const { text, ended } = taskwell(settings, process.execPath, [MAIN, 'erase-user', 'ann']);
    expect({ code: await ended, ...text }).toMatchObject({ code: 0, out: expect.stringContaining('ann'), err: '' });
  });
});

describe('a command whose output has lost its reader', () => {
  it('ends without an error message', async ({ taskwell }) => {
    const { child, text, ended } = taskwell({}, process.execPath, [MAIN, '--help']);
    child.stdout.destroy();
    expect(await ended).toBe(1);
    expect(text.err).toBe('');
  });

  it.for(['1', '2'])(
    'shuts down in order if it is a server (WORKERS=%s)',
    async (WORKERS, { postmaster, taskwell }) => {
      const { child, text, ended, ready } = taskwell({ WORKERS });
      const { url } = await ready();
      child.stdout.destroy();
      expect((await sender(url)('GET', '/health')).status).toBe(200);
      expect(await ended).toBe(0);
      expect(text.err).toBe('');
      expect(await postmaster()).toBeUndefined();
    },
  );
});

describe('npm start, without any configuration', () => {
  it('serves, and prints a first request that works unchanged', async ({ folder, taskwell }) => {
    const { text, stop, ready } = taskwell();
    const { curl } = await ready();
    expect(text.out).toContain(join(folder, 'data/postgres'));
    const { stdout } = await promisify(execFile)('bash', ['-c', curl.replace('curl', 'curl --silent')]);
    expect(JSON.parse(stdout)).toEqual({ tasks: [], count: 0 });
    expect(await stop('SIGTERM')).toBe(0);
    expect(text.err).toBe('');
  });

  it.for(['SIGTERM', 'SIGINT'] as const)(
    'shuts down in order at a %s to npm',
    async (signal, { folder, postmaster, taskwell }) => {
      const project = await checkout(folder);
      await rm(join(project, 'dist/cli'), { recursive: true });
      const { text, stop, ready } = taskwell({ DATA_DIR: join(folder, 'data') }, 'npm', ['start', '--prefix', project]);
      await ready();
      expect(await stop(signal)).toBe(0);
      expect(text.out).toContain('"msg":"stopped"');
      expect(await postmaster()).toBeUndefined();
    },
  );

  it('keeps its tasks after a stop, and leaves no process behind', async ({ postmaster, taskwell }) => {
    const first = taskwell();
    const { url, authorization } = await first.ready();
    const headers = { authorization, 'content-type': 'application/json' };
    const { body: task } = await sender(url)('POST', '/api/demo/tasks', { headers, body: { title: 'Buy groceries' } });
    expect(await first.stop('SIGINT')).toBe(0);
    expect(await postmaster()).toBeUndefined();
    const again = await taskwell().ready();
    const { body } = await sender(again.url)('GET', '/api/demo/tasks', {
      headers: { authorization: again.authorization },
    });
    expect(body).toEqual({ tasks: [task], count: 1 });
  });

  it('keeps its tasks after a kill -9', async ({ taskwell }) => {
    const first = taskwell();
    const { url, authorization } = await first.ready();
    const headers = { authorization, 'content-type': 'application/json' };
    for (let n = 1; n <= 20; n += 1) {
      await sender(url)('POST', '/api/demo/tasks', { headers, body: { title: `Task ${n}` } });
    }
    await first.stop('SIGKILL');
    const again = await taskwell().ready();
    const { body } = await sender(again.url)('GET', '/api/demo/tasks', { headers: { authorization } });
    expect(body.count).toBe(20);
  });

  it('refuses a data folder that another server uses, in one line', async ({ taskwell }) => {
    await taskwell().ready();
    const second = taskwell();
    expect(await second.ended).toBe(1);
    expect(second.text.err).toMatch(/^.*data.* is in use by another Taskwell \(process \d+\).*DATA_DIR.*\n$/);
  });

  it('stops its database when its port is in use', async ({ postmaster, taskwell }) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { text, ended } = taskwell({ PORT: String((other.address() as { port: number }).port) });
    expect(await ended).toBe(1);
    other.close();
    expect(text.err).toMatch(/^Port \d+ on 127\.0\.0\.1 is in use: .* PORT .*\n$/);
    expect(await postmaster()).toBeUndefined();
  });

  it('ends at once at a second signal, together with its database', async ({ postmaster, taskwell }) => {
    const { child, stop, ready } = taskwell();
    await ready();
    child.kill('SIGINT');
    await stop('SIGTERM');
    const pid = await postmaster();
    if (pid !== undefined) await until('the database has ended', () => runningProcess(pid) === undefined);
  });

  it('leaves no database behind when it is stopped while the database starts', async ({ postmaster, taskwell }) => {
    const { stop } = taskwell();
    await expect.poll(postmaster, { interval: 1, timeout: 60_000 }).toBeDefined();
    const pid = await postmaster();
    await stop('SIGTERM');
    if (pid !== undefined) await until('the database has ended', () => runningProcess(pid) === undefined);
  });

  it.for([
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
    ['SIGABRT', 134],
  ] as const)('shuts down in order at a %s, and ends with %d', async ([signal, code], { postmaster, taskwell }) => {
    const { text, stop, ready } = taskwell();
    await ready();
    expect(await stop(signal)).toBe(code);
    expect(text.out).toContain('"msg":"stopped"');
    expect(text.err).toBe('');
    expect(await postmaster()).toBeUndefined();
  });

  it('shuts down in order when every process of its terminal gets a SIGHUP, twice', async ({ folder, postmaster }) => {
    const env = { PORT: '0', WORKERS: '2' };
    const { child, text, ended, waitFor } = startProcess({ folder, env, detached: true });
    await waitFor((out) => out.includes('"msg":"ready"') || undefined);
    for (let time = 0; time < 2; time += 1) process.kill(-child.pid!, 'SIGHUP');
    // An output that is closed before the first signal arrives ends the server as well, but with 0.
    await waitFor((out) => out.includes('"msg":"stopping"') || undefined);
    child.stdout.destroy();
    expect(await ended).toBe(129);
    expect(text.err).toBe('');
    expect(await postmaster()).toBeUndefined();
  });

  it.for([
    ['SIGKILL', '1'],
    ['SIGKILL', '2'],
  ] as const)(
    'takes its database along in 5 s when %s ends it (WORKERS=%s)',
    async ([signal, WORKERS], { folder, postmaster, taskwell }) => {
      const { child, ended, ready } = taskwell({ WORKERS });
      await ready();
      const pid = await postmaster();
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
      const killedAtMs = performance.now();
      await until('the database has ended', () => runningProcess(pid!) === undefined);
      expect(performance.now() - killedAtMs).toBeLessThan(5_000);
      await ended;
      expect(await readFile(join(folder, 'data/postgres.log'), 'utf8')).toMatch(/database system is shut down\n$/);
      expect(await postmaster()).toBeUndefined();
    },
  );

  it.for(['throw new Error("a bug")', 'void Promise.reject(new Error("a bug"))'])(
    'takes its database along when its code fails: %s',
    async (fault, { folder, postmaster, taskwell }) => {
      await writeFile(join(folder, 'fault.mjs'), `process.on('SIGUSR2', () => { ${fault}; });`);
      const { text, stop, ready } = taskwell({ NODE_OPTIONS: `--import=${join(folder, 'fault.mjs')}` });
      await ready();
      const pid = await postmaster();
      expect(await stop('SIGUSR2')).toBe(1);
      expect(text.err).toContain('Error: a bug');
      await until('the database has ended', () => runningProcess(pid!) === undefined);
      expect(await postmaster()).toBeUndefined();
    },
  );

  it('reads the file .env of its folder', async ({ folder, taskwell }) => {
    await promisify(execFile)('bash', ['-c', `echo 'API_CONTRACT=nonsense' > ${join(folder, '.env')}`]);
    const { text, ended } = taskwell();
    expect(await ended).toBe(78);
    expect(text.err).toContain('API_CONTRACT must be one of 007-fastapi-backend');
    await expect(access(join(folder, 'data'))).rejects.toThrow();
  });

  it('has the settings of .env in its workers', async ({ folder, taskwell }) => {
    const origin = 'https://app.example.com';
    const content = `\uFEFFCORS_ORIGINS=${origin}\r\nWORKERS=2\r\nDATABASE_POOL_SIZE=1\r\n`;
    await writeFile(join(folder, '.env'), content);
    const { ready, text } = taskwell({ CORS_ORIGINS: '', LOG_LEVEL: 'warn' });
    const { url } = await ready();
    for (let attempt = 0; attempt < 4; attempt++) {
      const { headers } = await fetch(`${url}/health`, { headers: { origin, connection: 'close' } });
      expect(headers.get('access-control-allow-origin')).toBe(origin);
    }
    expect(text.out).toContain('CORS_ORIGINS is blank in the environment, which counts as not set');
    expect(text.out).toContain('each worker counts');
  });
});
