import { randomUUID } from 'node:crypto';
import {
  linkSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../error-code.ts';
import { EmbeddedPostgresUnavailable } from './embedded-postgres-unavailable.ts';
import { isRunning, processIdSpace, runningProcess } from './running-process.ts';

const HEARTBEAT_INTERVAL_MS = 500;
const MISSED_HEARTBEATS = 6;

/**
 * Locks a folder for this Taskwell process. The lock ends with the process, also after a `kill -9`.
 *
 * The lock is the file `lock.<n>` with the highest n. A new holder creates `lock.<n+1>`, which only one process can do,
 * and then removes the older files. To release the lock, the holder empties its file. The number never falls, and no
 * process deletes or replaces a file that another process holds. With a single file, two processes that find the same
 * dead holder could both take over.
 *
 * The process id of a holder in another container on the same volume cannot be looked up. Such a holder counts as alive
 * while the modification time of its file changes (heartbeat).
 */
export class FolderLock {
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(private readonly path: string) {
    this.heartbeat = setInterval(
      () => ignoreErrors(() => utimesSync(path, new Date(), new Date())),
      HEARTBEAT_INTERVAL_MS,
    ).unref();
  }

  /** @throws EmbeddedPostgresUnavailable if another process holds the lock */
  static async take(directory: string): Promise<FolderLock> {
    const claim = join(directory, `lock-claim-${randomUUID()}`);
    const self: Holder = {
      pid: process.pid,
      started: runningProcess(process.pid)?.started ?? '',
      processIdSpace: processIdSpace(),
    };
    writeFileSync(claim, JSON.stringify(self), { flag: 'wx', mode: 0o644 });
    try {
      for (;;) {
        const generation = newestGeneration(directory);
        const holder = await findLivingHolder(lockPath(directory, generation));
        if (holder !== undefined) {
          const what = `data folder ${directory} is in use by another Taskwell (process ${holder.pid})`;
          throw new EmbeddedPostgresUnavailable(`${what}: stop it, or set DATA_DIR to another folder`);
        }
        const path = lockPath(directory, generation + 1);
        if (!tryLink(claim, path)) continue;
        if (newestGeneration(directory) === generation + 1) {
          const older = generations(directory).filter((other) => other <= generation);
          for (const other of older) rmSync(lockPath(directory, other), { force: true });
          return new FolderLock(path);
        }
        rmSync(path, { force: true }); // the new holder may have removed it
      }
    } finally {
      rmSync(claim);
    }
  }

  release(): void {
    clearInterval(this.heartbeat);
    ignoreErrors(() => truncateSync(this.path));
  }
}

/** The folder may have been deleted, and the lock with it. */
function ignoreErrors(work: () => void): void {
  try {
    work();
  } catch {}
}

async function findLivingHolder(path: string): Promise<Holder | undefined> {
  const holder = readHolder(path);
  if (holder === undefined) return undefined;
  if (holder.processIdSpace === processIdSpace()) return isRunning(holder) ? holder : undefined;
  const before = modifiedAtMs(path);
  for (let missed = 0; missed < MISSED_HEARTBEATS; missed++) {
    await sleep(HEARTBEAT_INTERVAL_MS);
    if (modifiedAtMs(path) !== before) return readHolder(path);
  }
  return undefined;
}

/** `undefined` if there is no lock, or it was released. */
function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) === 'ENOENT') return undefined;
    throw error; // a lock that cannot be read may have a holder
  }
}

function tryLink(claim: string, path: string): boolean {
  try {
    linkSync(claim, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function generations(directory: string): number[] {
  return readdirSync(directory).flatMap((name) => (/^lock\.\d+$/.test(name) ? [Number(name.slice(5))] : []));
}

function newestGeneration(directory: string): number {
  return Math.max(0, ...generations(directory));
}

function lockPath(directory: string, generation: number): string {
  return join(directory, `lock.${generation}`);
}

function modifiedAtMs(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly processIdSpace: string;
}
