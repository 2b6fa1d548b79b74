import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished } from 'vitest';
import { prepareBinaries } from '../../infrastructure/embedded-postgres/binaries.ts';
import { Cluster } from '../../infrastructure/embedded-postgres/cluster.ts';
import { EmbeddedPostgresUnavailable } from '../../infrastructure/embedded-postgres/embedded-postgres-unavailable.ts';
import { FolderLock } from '../../infrastructure/embedded-postgres/folder-lock.ts';
import { runningProcess, terminate } from '../../infrastructure/embedded-postgres/running-process.ts';
import { until } from '../support/command-process.ts';
import {
  abandonLock,
  currentLock,
  isAlive,
  itWithEmbeddedPostgres as it,
  killProcess,
  killServer,
  listProcesses,
  lockHolder,
  postmasterId,
  query,
  settingsOf,
  writeLock,
} from '../support/embedded-postgres-fixtures.ts';
import { REWRITING, schemaBeforeRewrite } from '../support/schema-before-rewrite.ts';
import { serving } from '../support/serving.ts';

const log = (directory: string) => fs.readFileSync(join(directory, 'postgres.log'), 'utf8');

/** Earlier tests may have killed the server of the same cluster. */
const logSinceShutdown = (directory: string) => log(directory).split('fast shutdown request')[1];

describe('the embedded PostgreSQL', () => {
  it('creates a cluster at the first start, and keeps data and password for the next', async ({ directory, start }) => {
    const first = await start({ durability: 'kept' });
    await query(first.url, "create table first_note as select 'kept' as text");
    await first.stop();
    const second = await start({ durability: 'kept' });
    expect(await query(second.url, 'table first_note')).toEqual([{ text: 'kept' }]);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    expect(new URL(second.url).pathname).toBe('/taskwell');
    expect(second.version).toMatch(/^18\.\d+$/);
    expect(second.directory).toBe(join(directory, 'postgres'));
  });

  it('protects its files from other users, and requires the password', async ({ directory, startWarm }) => {
    const { url } = await startWarm();
    for (const name of ['password', 'postgres.log', 'postgres']) {
      expect(fs.statSync(join(directory, name)).mode & 0o077, name).toBe(0);
    }
    const stranger = new URL(url);
    stranger.password = 'guess';
    await expect(query(stranger.href, 'select')).rejects.toMatchObject({ code: '28P01' });
  });

  it('is durable when it is kept, and accepts further settings', async ({ startWarm }) => {
    const { url } = await startWarm({ durability: 'kept', settings: { work_mem: '7MB' } });
    expect(await settingsOf(url, 'fsync', 'synchronous_commit', 'full_page_writes')).toEqual(['on', 'on', 'on']);
    expect(await settingsOf(url, 'work_mem', 'timezone', 'log_timezone')).toEqual(['7MB', 'UTC', 'UTC']);
    expect(await settingsOf(url, 'listen_addresses', 'unix_socket_directories')).toEqual(['127.0.0.1', '']);
  });

  it('compares and folds Unicode in the same way on every platform', async ({ startWarm }) => {
    const { url } = await startWarm();
    const rows = await query(url, `select lower('ÄЖ') as lower, 'a' < 'B' as linguistic, 'Ä' ~* 'ä' as matches`);
    expect(rows).toEqual([{ lower: 'äж', linguistic: false, matches: true }]);
  });

  it('runs in its own process group, so that Ctrl-C does not reach it', async ({ directory, startWarm }) => {
    await startWarm();
    const pid = postmasterId(directory);
    expect(listProcesses().find((found) => found.pid === pid)?.group).toBe(pid);
  });
});

describe('a server on the embedded PostgreSQL', () => {
  it('lets a migration rewrite tables, because no other instance uses them', async ({ directory, startWarm }) => {
    const postgres = await startWarm({ durability: 'kept' });
    await query(postgres.url, 'drop schema public cascade; create schema public'); // it may have tables of a first attempt
    await schemaBeforeRewrite(postgres.url);
    await query(postgres.url, `insert into task_counters values ('ann', 1)`);
    await postgres.stop();
    const server = await serving({ ENVIRONMENT: 'dev', DATA_DIR: directory });
    onTestFinished(() => server.stop());
    const line = server
      .log()
      .split('\n')
      .find((line) => line.includes('rewriting tables of the embedded database'));
    const { rewrites } = JSON.parse(line ?? '{}');
    expect(rewrites).toMatchObject([{ migration: REWRITING, table: 'task_counters', rows: 1 }]);
    expect(server.log().indexOf('rewriting tables')).toBeLessThan(server.log().indexOf('"ready"'));
  });
});

describe('after a kill -9', () => {
  it.for(['kept', 'throwaway'] as const)(
    'shuts down together with its owner, and leaves a clean cluster (%s)',
    async (durability, { directory, start, warm, startElsewhere }) => {
      warm();
      const owner = startElsewhere(durability);
      const { url } = await owner.outcome;
      await query(
        url!,
        `drop table if exists last_note_${durability}; create table last_note_${durability} as select 'kept' as text`,
      );
      const pid = postmasterId(directory);
      await killProcess(owner.child);
      await until('the server has ended', () => !isAlive(pid));
      expect(log(directory)).toMatch(/received fast shutdown request.*database system is shut down\n$/s);
      const heir = await start({ durability });
      expect(await query(heir.url, `table last_note_${durability}`)).toEqual([{ text: 'kept' }]);
    },
  );

  it('waits for the server of a killed owner to end before it starts another one', async ({
    directory,
    start,
    warm,
    startElsewhere,
  }) => {
    warm();
    const owner = startElsewhere('kept');
    const { url } = await owner.outcome;
    await query(url!, "drop table if exists orphan_note; create table orphan_note as select 'kept' as text");
    const orphan = postmasterId(directory);
    process.kill(orphan, 'SIGSTOP');
    await killProcess(owner.child);
    const next = start();
    try {
      await until('it has taken the lock', () => lockHolder(directory) === process.pid);
      expect(isAlive(orphan)).toBe(true);
    } finally {
      process.kill(orphan, 'SIGCONT');
    }
    expect(await query((await next).url, 'table orphan_note')).toEqual([{ text: 'kept' }]);
    expect(isAlive(orphan)).toBe(false);
    expect(logSinceShutdown(directory)).not.toContain('database system was not properly shut down');
  });

  it('shuts down a server that its owner could not take along', async ({ directory, start, startWarm }) => {
    const { url } = await startWarm({ durability: 'kept' });
    await query(url, "drop table if exists left_note; create table left_note as select 'kept' as text");
    const orphan = postmasterId(directory);
    abandonLock(directory);
    const heir = await start({ durability: 'kept' });
    expect(isAlive(orphan)).toBe(false);
    expect(await query(heir.url, 'table left_note')).toEqual([{ text: 'kept' }]);
  });

  it('has every acknowledged row after all server processes are killed', async ({ directory, start, startWarm }) => {
    const { url } = await startWarm({ durability: 'kept' });
    await query(url, 'drop table if exists numbers; create table numbers (number int)');
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    await client.connect();
    let acknowledged = 0;
    const writing = (async () => {
      for (;;) {
        await client.query('insert into numbers values ($1)', [acknowledged + 1]);
        acknowledged++;
      }
    })().catch(() => undefined);
    await until('50 rows are acknowledged', () => acknowledged >= 50);
    await killServer(directory);
    await writing;
    abandonLock(directory);
    const recovered = await start({ durability: 'kept' });
    const [row] = await query(recovered.url, 'select count(*)::int as count, max(number) as max from numbers');
    expect(row?.count).toBe(row?.max);
    expect(row?.count).toBeGreaterThanOrEqual(acknowledged);
  });

  it('waits for surviving processes of a killed server before it starts a new one', async ({
    directory,
    start,
    startWarm,
  }) => {
    const { url } = await startWarm();
    const session = new pg.Client(url);
    session.on('error', () => undefined);
    await session.connect();
    const backend: number = (await session.query('select pg_backend_pid() as pid')).rows[0].pid;
    process.kill(backend, 'SIGSTOP');
    const postmaster = postmasterId(directory);
    process.kill(postmaster, 'SIGKILL');
    await until('the server has ended', () => !isAlive(postmaster));
    abandonLock(directory);
    const next = start();
    try {
      await until('the new server has found the old processes', () =>
        log(directory).includes('pre-existing shared memory block'),
      );
    } finally {
      process.kill(backend, 'SIGCONT');
    }
    expect(await query((await next).url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it.for(['another program', ...(process.platform === 'linux' ? ['the PostgreSQL of another folder'] : [])])(
    'starts although %s has the process id of the killed server',
    async (name, { workshop, directory, start, warm, spawnProgram }) => {
      warm();
      const program = join(workshop, name === 'another program' ? 'program' : 'postgres');
      fs.copyFileSync('/bin/sleep', program);
      const other = spawnProgram(program, ['60'], workshop);
      const file = [other.pid, join(directory, 'postgres'), 1, 5432, '', '127.0.0.1', '  1  1', 'ready   ', ''];
      fs.writeFileSync(join(directory, 'postgres', 'postmaster.pid'), file.join('\n'), { mode: 0o600 });
      const { url } = await start();
      expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(other.exitCode ?? other.signalCode).toBe(null);
    },
  );

  it('removes the files of an interrupted initdb, and starts again', async ({ directory, start }) => {
    fs.mkdirSync(join(directory, 'initdb-abcdef', 'postgres', 'base'), { recursive: true });
    await start();
    expect(fs.readdirSync(directory).filter((name) => name.startsWith('initdb-'))).toEqual([]);
  });
});

describe('the lock on the folder', () => {
  it('refuses a second start, and is free again after stop()', async ({ directory, start, startWarm }) => {
    const first = await startWarm();
    await expect(start({ durability: 'kept' })).rejects.toThrow(
      new EmbeddedPostgresUnavailable(
        `data folder ${directory} is in use by another Taskwell (process ${process.pid}): ` +
          'stop it, or set DATA_DIR to another folder',
      ),
    );
    expect(await query(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await first.stop();
    await (await start()).stop();
  });

  it('goes to exactly one of several processes that start at once on an empty folder', async ({ startElsewhere }) => {
    const starts = [1, 2, 3].map(() => startElsewhere('throwaway'));
    const outcomes = await Promise.all(starts.map(({ outcome }) => outcome));
    const [winner] = outcomes.filter(({ url }) => url !== undefined);
    expect(await query(winner!.url!, 'select 1 as one')).toEqual([{ one: 1 }]);
    const refusals = outcomes.flatMap(({ refusal }) => refusal ?? []);
    expect(refusals).toHaveLength(2);
    for (const refusal of refusals) expect(refusal).toMatch(/is in use by another Taskwell \(process \d+\)/);
  });

  it.for([false, true])(
    'goes to one of several concurrent attempts (after a dead holder: %s)',
    async (dead, { directory }) => {
      fs.mkdirSync(directory);
      if (dead) writeLock(directory, { started: 'before' });
      const takes = await Promise.allSettled([1, 2, 3].map(() => FolderLock.take(directory)));
      const won = takes.flatMap((take) => (take.status === 'fulfilled' ? take.value : []));
      for (const lock of won) lock.release();
      expect(won).toHaveLength(1);
      expect(fs.readdirSync(directory)).toEqual([dead ? 'lock.2' : 'lock.1']);
    },
  );

  it('is free if another process has the process id of a dead holder', async ({ directory, start, warm }) => {
    warm();
    writeLock(directory, { pid: process.ppid, started: 'before' });
    await start();
  });

  it('respects a holder in another container as long as it touches its lock', async ({ directory, start, warm }) => {
    warm();
    const lock = writeLock(directory, { pid: 1, started: '1', processIdSpace: 'elsewhere' });
    const beat = setInterval(() => fs.utimesSync(lock, new Date(), new Date()), 100);
    try {
      await expect(start({ durability: 'kept' })).rejects.toThrow('another Taskwell (process 1)');
    } finally {
      clearInterval(beat);
    }
    await start();
  });

  it('is touched regularly by its holder', async ({ directory, startWarm }) => {
    await startWarm();
    const touched = fs.statSync(currentLock(directory)!).mtimeMs;
    await until('the lock is touched', () => fs.statSync(currentLock(directory)!).mtimeMs > touched);
  });
});

describe('stopping', () => {
  it('ends open sessions, leaves a clean cluster, and may be repeated', async ({ directory, startWarm }) => {
    const database = await startWarm();
    const session = new pg.Client(database.url);
    const lost = new Promise((resolve) => session.on('error', resolve));
    await session.connect();
    await session.query('begin');
    const pid = postmasterId(directory);
    await Promise.all([database.stop(), database.stop()]);
    expect(isAlive(pid)).toBe(false);
    expect(await lost).toMatchObject({ code: '57P01' });
    await database.stop();
    expect(fs.readFileSync(join(directory, 'postgres.log'), 'utf8').trimEnd()).toMatch(/database system is shut down$/);
    expect(fs.existsSync(join(directory, 'postgres', 'postmaster.pid'))).toBe(false);
  });

  it('begins with kill(), and the next start waits for it', async ({ directory, start, startWarm }) => {
    const database = await startWarm({ durability: 'kept' });
    await query(database.url, "drop table if exists killed_note; create table killed_note as select 'kept' as text");
    const pid = postmasterId(directory);
    database.kill();
    const next = await start({ durability: 'kept' });
    expect(isAlive(pid)).toBe(false);
    expect(postmasterId(directory)).not.toBe(pid);
    expect(await query(next.url, 'table killed_note')).toEqual([{ text: 'kept' }]);
    expect(log(directory)).toContain('fast shutdown request');
    expect(logSinceShutdown(directory)).not.toContain('database system was not properly shut down');
    await database.stop();
    expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('happens when its process exits or has an uncaught error', async ({ directory, warm, startElsewhere }) => {
    warm();
    for (const then of ['leave', 'throw'] as const) {
      const owner = startElsewhere('kept', then);
      expect((await owner.outcome).url).toBeDefined();
      const pid = postmasterId(directory);
      if (owner.child.exitCode === null) await once(owner.child, 'exit');
      expect(owner.child.exitCode).toBe(then === 'leave' ? 0 : 1);
      await until('the server has ended', () => !isAlive(pid));
    }
  });

  it('does not affect another program that has the process id now', async ({ spawnProgram }) => {
    const other = spawnProgram('sleep', ['60']);
    const pid = other.pid!;
    terminate({ pid, started: 'before', program: 'postgres' }, 'KILL', 'pg_ctl');
    expect(isAlive(pid)).toBe(true);
    terminate(runningProcess(pid)!, 'KILL', 'pg_ctl');
    await until('the process has ended', () => !isAlive(pid));
  });

  it('is not required for the process to exit', async ({ warm, startElsewhere }) => {
    warm();
    const { child, outcome } = startElsewhere('kept', 'leave');
    expect((await outcome).url).toBeDefined();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('the error of a failed start', () => {
  it('names a file in place of the folder', async ({ directory, start }) => {
    fs.writeFileSync(directory, '');
    await expect(start()).rejects.toThrow(
      new RegExp(`^cannot use ${directory} as data folder .*set DATA_DIR to another`),
    );
  });

  it('names both versions if the data are of another one, and leaves the data alone', async ({ directory, start }) => {
    fs.mkdirSync(join(directory, 'postgres'), { recursive: true });
    const version = join(directory, 'postgres', 'PG_VERSION');
    fs.writeFileSync(version, '15\n');
    await expect(start()).rejects.toThrow(
      /is from PostgreSQL 15, the embedded server is 18\.\d+, which cannot read it: use /,
    );
    expect(fs.readFileSync(version, 'utf8')).toBe('15\n');
    expect(fs.readdirSync(join(directory, 'postgres'))).toEqual(['PG_VERSION']);
  });

  it('reports a missing password instead of creating a new one', async ({ directory, start, warm }) => {
    warm();
    fs.rmSync(join(directory, 'password'));
    await expect(start()).rejects.toThrow(/^cannot read the password .*: restore .*password/);
  });

  it('reports a wrong password, and leaves no server behind', async ({ directory, start, warm }) => {
    warm();
    fs.writeFileSync(join(directory, 'password'), 'another');
    await expect(start()).rejects.toThrow('password authentication failed');
    await until('the server has ended', () => new Cluster(directory).postmaster() === undefined);
  });

  it('quotes the message of the server', async ({ start, warm }) => {
    warm();
    await expect(start({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(/invalid value .*shared_buffers/);
  });

  it('leaves the folder unlocked', async ({ start, warm }) => {
    warm();
    await expect(start({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(EmbeddedPostgresUnavailable);
    await start();
  });
});

describe.runIf(process.platform !== 'win32')('an installation without install scripts', () => {
  it('gets its links and file modes, also a second time', ({ directory }) => {
    const native = join(directory, 'native');
    fs.mkdirSync(join(native, 'bin'), { recursive: true });
    fs.mkdirSync(join(native, 'lib'));
    const links = [{ source: 'native/lib/libone.so.1.2', target: 'native/lib/libone.so.1' }];
    fs.writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
    fs.writeFileSync(join(native, 'lib', 'libone.so.1.2'), 'library');
    for (const name of ['initdb', 'pg_ctl', 'postgres'])
      fs.writeFileSync(join(native, 'bin', name), '', { mode: 0o644 });
    for (let time = 0; time < 2; time++) {
      const { postgres } = prepareBinaries(directory);
      expect(fs.readFileSync(join(native, 'lib', 'libone.so.1'), 'utf8')).toBe('library');
      expect(fs.readlinkSync(join(native, 'lib', 'libone.so.1'))).toBe('libone.so.1.2');
      expect(fs.statSync(postgres).mode & 0o111).toBe(0o111);
    }
  });
});
