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

const BEAT_MS = 500;

/**
 * Keeps a second server of ours off a folder for as long as this process lives, and not longer:
 * a `kill -9` frees it.
 *
 * The lock is the file `lock.<n>` with the highest n. A new holder makes `lock.<n+1>`, which only one can, and only
 * then removes the older ones; whoever gives up empties its file. So the number never falls, and nobody ever deletes or
 * replaces a file that another holds: with a single file, two who find the same dead holder could both take over.
 *
 * A holder whose process id we cannot look up (another container on the same volume) is known by its beat: it touches
 * its file, and one that we watch in vain is dead.
 */
export class FolderLock {
  private readonly beat: NodeJS.Timeout;

  private constructor(private readonly path: string) {
    this.beat = setInterval(() => touch(path), BEAT_MS).unref();
  }

  static async take(directory: string): Promise<FolderLock> {
    const claim = join(directory, `lock-claim-${randomUUID()}`);
    const us: Holder = {
      pid: process.pid,
      started: runningProcess(process.pid)?.started ?? '',
      processIdSpace: processIdSpace(),
    };
    writeFileSync(claim, JSON.stringify(us), { flag: 'wx', mode: 0o644 });
    try {
      for (;;) {
        const generation = newestGeneration(directory);
        const holder = await livingHolder(lockPath(directory, generation));
        if (holder !== undefined) throw inUse(directory, holder);
        const path = lockPath(directory, generation + 1);
        if (!linked(claim, path)) continue;
        if (newestGeneration(directory) === generation + 1) {
          for (const older of generations(directory)) if (older <= generation) rmSync(lockPath(directory, older));
          return new FolderLock(path);
        }
        rmSync(path);
      }
    } finally {
      rmSync(claim);
    }
  }

  release(): void {
    clearInterval(this.beat);
    try {
      truncateSync(this.path);
    } catch {
      // the folder is gone, and the lock with it
    }
  }
}

async function livingHolder(path: string): Promise<Holder | undefined> {
  const holder = readHolder(path);
  if (holder === undefined) return undefined;
  if (holder.processIdSpace === processIdSpace()) return isRunning(holder) ? holder : undefined;
  const seen = modified(path);
  for (let beats = 0; beats < 6; beats++) {
    await sleep(BEAT_MS);
    if (modified(path) !== seen) return readHolder(path);
  }
  return undefined;
}

/** `undefined`: no lock yet, or one that was given up. */
function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) === 'ENOENT') return undefined;
    throw error; // not ours to read is not free
  }
}

function linked(claim: string, path: string): boolean {
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

function modified(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // the folder is gone
  }
}

function inUse(directory: string, { pid }: Holder): EmbeddedPostgresUnavailable {
  const what = `data folder ${directory} is in use by another Taskwell (process ${pid})`;
  return new EmbeddedPostgresUnavailable(`${what}: stop it, or set DATA_DIR to another folder`);
}

interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly processIdSpace: string;
}
