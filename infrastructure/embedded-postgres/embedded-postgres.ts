import { accessSync, constants, mkdirSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Binaries, findBinaries } from './binaries.ts';
import { Cluster } from './cluster.ts';
import { EmbeddedPostgresUnavailable } from './embedded-postgres-unavailable.ts';
import { FolderLock } from './folder-lock.ts';
import { adopt, launch, type Postmaster } from './postmaster.ts';
import { isRunning, terminate } from './running-process.ts';
import { Unprivileged } from './unprivileged.ts';

export interface EmbeddedPostgresOptions {
  /** Holds everything: the cluster in `postgres`, the password (0600), the lock, the log. Made when missing. */
  readonly directory: string;
  /** 'kept' (default) is durable and outlives us when we are killed; 'throwaway', for tests, is neither. */
  readonly durability?: 'kept' | 'throwaway';
  /** Further settings, as `-c name=value`. A server that was found running keeps those it was started with. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A real PostgreSQL from the package `@embedded-postgres/<platform>`, run as a process beside ours. */
export class EmbeddedPostgres {
  /** Of the database `taskwell`, as the superuser. */
  readonly url: string;
  /** As '18.4'. */
  readonly version: string;
  private stopping: Promise<void> | undefined;

  private constructor(
    /** Where the cluster's files lie. */
    readonly directory: string,
    private readonly postmaster: Postmaster,
    private readonly binaries: Binaries,
    private readonly lock: FolderLock,
  ) {
    this.url = postmaster.url;
    this.version = postmaster.version;
  }

  /**
   * Takes over the server that a killed predecessor left running on the folder, else starts one, with a new cluster if
   * there is none. Throws EmbeddedPostgresUnavailable.
   */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const durability = options.durability ?? 'kept';
    const settings = { ...SETTINGS.always, ...SETTINGS[durability], ...options.settings };
    const binaries = findBinaries();
    const directory = usable(resolve(options.directory));
    let lock: FolderLock | undefined;
    try {
      lock = await FolderLock.take(directory);
      const unprivileged = await Unprivileged.find(binaries.postgres, directory, durability === 'throwaway');
      const cluster = new Cluster(directory);
      await cluster.ensure(binaries.initdb, unprivileged, durability === 'kept');
      const postmaster =
        (await adopt(cluster, settings.fsync, binaries.pgCtl)) ??
        (await launch(cluster, binaries, settings, unprivileged));
      return new EmbeddedPostgres(cluster.path, postmaster, binaries, lock);
    } catch (error) {
      lock?.release();
      throw isFileError(error) ? unusable(directory, error) : error;
    }
  }

  /**
   * Fast shutdown: sessions are ended, the cluster is clean on disk. Resolves when the server is gone; one that does
   * not go is stopped harder after ten seconds, at the price of a recovery at the next start. May be called again.
   */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  /**
   * Ends the server at once, without waiting for it: for a second signal. The next start recovers what was
   * acknowledged.
   */
  kill(): void {
    terminate(this.postmaster.process, 'QUIT', this.binaries.pgCtl);
    this.lock.release();
  }

  private async shutDown(): Promise<void> {
    for (const signal of ['INT', 'QUIT', 'KILL'] as const) {
      terminate(this.postmaster.process, signal, this.binaries.pgCtl);
      const deadline = Date.now() + 10_000;
      while (isRunning(this.postmaster.process) && Date.now() < deadline) await sleep(5);
    }
    this.lock.release();
  }
}

const SETTINGS = {
  always: {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: '100',
  },
  kept: { fsync: 'on' },
  throwaway: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
} as const;

/** The real path, as PostgreSQL will name it. */
function usable(directory: string): string {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK | constants.X_OK);
    return realpathSync(directory);
  } catch (error) {
    throw isFileError(error) ? unusable(directory, error) : error;
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function unusable(directory: string, cause: NodeJS.ErrnoException): EmbeddedPostgresUnavailable {
  const message = `cannot use ${directory} as data folder (${cause.message})`;
  const remedy = 'make it a folder that we may write, with room, or set DATA_DIR to another one';
  return new EmbeddedPostgresUnavailable(`${message}: ${remedy}`, { cause });
}
