import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { it } from 'vitest';
import { Cluster } from '../../infrastructure/embedded-postgres/cluster.ts';
import {
  EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '../../infrastructure/embedded-postgres/embedded-postgres.ts';
import { processIdSpace } from '../../infrastructure/embedded-postgres/running-process.ts';
import { ROOT } from './build.ts';
import { until } from './command-process.ts';

type StartOptions = Omit<EmbeddedPostgresOptions, 'directory'>;

/** A program that starts a server in a folder and prints its URL, or why it could not start it. */
const OWNER = `
  import { EmbeddedPostgres } from '${pathToFileURL(join(ROOT, 'dist/infrastructure/embedded-postgres/embedded-postgres.js')).href}';
  const [directory, durability, then] = process.argv.slice(2);
  const say = (outcome) => process.stdout.write(JSON.stringify(outcome) + '\\n');
  try {
    const { url } = await EmbeddedPostgres.start({ directory, durability });
    say({ url });
  } catch (error) {
    say({ refusal: error.message });
  }
  if (then === 'stay') setInterval(() => {}, 1000);
  if (then === 'throw') setTimeout(() => { throw new Error('a bug'); }, 10);`;

/**
 * `it` for tests of the embedded PostgreSQL, with these fixtures:
 *
 * - `workshop`: a folder for the file's tests; `template`: a data folder whose cluster is initialized
 * - `directory`: the path of the test's data folder, which does not exist yet. Its server is killed after the test.
 * - `start` starts the server; `warm` puts an initialized cluster into the folder; `startWarm` does both
 * - `startElsewhere` starts the server from another process; `spawnProgram` starts any program. Both are killed after the
 *   test.
 */
export const itWithEmbeddedPostgres = it
  .extend('workshopPrefix', { scope: 'file' }, () => join(fs.realpathSync(tmpdir()), 'taskwell-embedded-'))
  .extend('workshop', { scope: 'file' }, ({ workshopPrefix }, { onCleanup }) => {
    const workshop = fs.mkdtempSync(workshopPrefix);
    onCleanup(() => fs.rmSync(workshop, { recursive: true, force: true, maxRetries: 10 }));
    fs.writeFileSync(join(workshop, 'owner.mjs'), OWNER);
    return workshop;
  })
  .extend('template', { scope: 'file' }, async ({ workshop }) => {
    const template = join(workshop, 'template');
    await (await EmbeddedPostgres.start({ directory: template })).stop();
    return template;
  })
  .extend('directory', ({ workshop, onTestFinished }) => {
    const directory = join(fs.mkdtempSync(join(workshop, 'test-')), 'data');
    onTestFinished(() => killServer(directory));
    return directory;
  })
  .extend('start', ({ directory, onTestFinished }) => async (options: StartOptions = {}) => {
    const server = await EmbeddedPostgres.start({ directory, durability: 'throwaway', ...options });
    onTestFinished(() => server.stop().catch(() => {})); // it may have been killed
    return server;
  })
  .extend('warm', ({ directory, template, onTestFinished }) => () => {
    // Lends the cluster to one test after the other, because a copy takes longer.
    fs.mkdirSync(directory, { mode: 0o700 });
    fs.renameSync(join(template, 'postgres'), join(directory, 'postgres'));
    fs.copyFileSync(join(template, 'password'), join(directory, 'password'));
    onTestFinished(async () => {
      await killServer(directory);
      fs.renameSync(join(directory, 'postgres'), join(template, 'postgres'));
    });
  })
  .extend('startWarm', ({ warm, start }) => (options?: StartOptions) => {
    warm();
    return start(options);
  })
  .extend('spawnProgram', ({ onTestFinished }) => (program: string, args: readonly string[], folder?: string) => {
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => killProcess(child));
    return child;
  })
  .extend(
    'startElsewhere',
    ({ directory, workshop, spawnProgram }) =>
      (durability: 'kept' | 'throwaway', then: 'stay' | 'leave' | 'throw' = 'stay') => {
        // Node 20 runs no TypeScript, so the program imports the build.
        const child = spawnProgram(process.execPath, [join(workshop, 'owner.mjs'), directory, durability, then]);
        const outcome = new Promise<{ url?: string; refusal?: string }>((resolve, reject) => {
          let text = '';
          child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
            if (text.endsWith('\n')) resolve(JSON.parse(text));
          });
          child.once('exit', (code) => reject(new Error(`the other process ended (${code})`)));
        });
        return { child, outcome };
      },
  );

/** Runs a statement and returns its rows. */
export async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/** The values of settings of a server. */
export async function settingsOf(url: string, ...names: string[]): Promise<unknown[]> {
  const [row] = await query(url, `select ${names.map((name) => `current_setting('${name}') as ${name}`).join(', ')}`);
  return names.map((name) => row?.[name]);
}

/** Kills a process, unless it has ended, and waits for its end. */
export async function killProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Kills the server of a data folder and all its processes. */
export async function killServer(directory: string): Promise<void> {
  const postmaster = new Cluster(directory).postmaster()?.pid;
  if (postmaster === undefined) return;
  const family = listProcesses().filter(({ pid, parent }) => pid === postmaster || parent === postmaster);
  for (const { pid } of family) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  await until('the server has ended', () => family.every(({ pid }) => !isAlive(pid)));
}

/** The pid of the main process of the server of a data folder. */
export function postmasterId(directory: string): number {
  return new Cluster(directory).postmaster()!.pid;
}

/** Whether a process runs. A zombie does not. */
export function isAlive(pid: number): boolean {
  return listProcesses().some((found) => found.pid === pid && !found.state.startsWith('Z'));
}

export function listProcesses() {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='], { encoding: 'utf8' });
  return stdout.split('\n').map((line) => {
    const [pid, parent, group, state = ''] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), group: Number(group), state };
  });
}

/** The path of the lock of a data folder. */
export function currentLock(directory: string): string | undefined {
  const name = fs.readdirSync(directory).find((entry) => entry.startsWith('lock.'));
  return name && join(directory, name);
}

/** The process id of the holder of the lock of a data folder. */
export function lockHolder(directory: string): number | undefined {
  const path = currentLock(directory);
  const text = path === undefined ? '' : fs.readFileSync(path, 'utf8');
  return text === '' ? undefined : JSON.parse(text).pid;
}

/** Leaves a lock as a dead holder leaves it. The tests hold the lock themselves and cannot kill themselves. */
export function abandonLock(directory: string): void {
  writeLock(directory, { started: 'before' });
}

/** Writes the holder of a lock, by default this process. @returns the path of the lock */
export function writeLock(
  directory: string,
  holder: { pid?: number; started?: string; processIdSpace?: string },
): string {
  const path = currentLock(directory) ?? join(directory, 'lock.1');
  fs.writeFileSync(path, JSON.stringify({ pid: process.pid, processIdSpace: processIdSpace(), ...holder }));
  return path;
}
