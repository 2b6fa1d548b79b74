import { accessSync, constants, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../system/make-folder.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { Cluster } from './cluster.ts';
import { EmbeddedPostgresUnavailable } from './embedded-postgres-unavailable.ts';
import { FolderLock } from './folder-lock.ts';
import { adopt, launch, type Postmaster } from './postmaster.ts';
import { isRunning, terminate } from './running-process.ts';
import { UnprivilegedRunner } from './unprivileged-runner.ts';

/** How long to wait for the server to exit before the next, more forceful signal. */
const SHUTDOWN_STEP_TIMEOUT_MS = 10_000;
const POLL_INTERVAL_MS = 5;

export interface EmbeddedPostgresOptions {
  /** The folder of the cluster, the password (0600), the lock and the log. It is created if it does not exist. */
  readonly directory: string;
  /**
   * 'kept' (default): data is durable, and the server keeps running if this process is killed with SIGKILL. 'throwaway',
   * for tests: neither.
   */
  readonly durability?: 'kept' | 'throwaway';
  /** More server settings, by name. A server that is taken over keeps the settings with which it was started. */
  readonly settings?: Readonly<Record<string, string>>;
  /** When it aborts, the server is killed as by `kill`, also while it starts. */
  readonly signal?: AbortSignal | undefined;
}

/** A PostgreSQL server from the package `@embedded-postgres/<platform>`, which runs as a separate process. */
export class EmbeddedPostgres {
  /** The connection string of the database `taskwell`, as the superuser. */
  readonly url: string;
  /** The same as the role that serves requests, which row-level security binds. */
  readonly servingUrl: string;
  /** Such as '18.4'. */
  readonly version: string;
  private stopping: Promise<void> | undefined;

  private constructor(
    /** The folder of the cluster's files. */
    readonly directory: string,
    private readonly postmaster: Postmaster,
    private readonly binaries: Binaries,
    private readonly lock: FolderLock,
  ) {
    this.url = postmaster.url;
    this.servingUrl = postmaster.servingUrl;
    this.version = postmaster.version;
  }

  /**
   * Takes over the server that a killed process left running on the folder. Otherwise starts a server, and creates its
   * cluster if necessary.
   *
   * @throws EmbeddedPostgresUnavailable
   */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const durability = options.durability ?? 'kept';
    const settings = { ...SETTINGS.always, ...SETTINGS[durability], ...options.settings };
    const binaries = findBinaries();
    const folder = resolve(options.directory);
    let lock: FolderLock | undefined;
    try {
      const directory = prepareDirectory(folder);
      lock = await FolderLock.take(directory);
      const runner = await UnprivilegedRunner.find(binaries.postgres, directory, durability === 'throwaway');
      const cluster = new Cluster(directory);
      await cluster.createIfMissing(binaries.initdb, runner, durability === 'kept');
      const postmaster =
        (await adopt(cluster, settings.fsync, binaries.pgCtl)) ??
        (await launch({ cluster, binaries, runner, settings, signal: options.signal }));
      const embedded = new EmbeddedPostgres(cluster.path, postmaster, binaries, lock);
      options.signal?.addEventListener('abort', () => embedded.kill());
      return embedded;
    } catch (error) {
      lock?.release();
      throw explainFileError(error, folder);
    }
  }

  /**
   * Performs a fast shutdown, which ends the sessions and leaves a clean cluster. A server that does not exit in time
   * gets an immediate shutdown and then SIGKILL; the next start then runs a recovery. Resolves when the server has
   * exited. Can be called repeatedly.
   */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  /** Kills the server without waiting for it. The next start recovers all acknowledged writes. */
  kill(): void {
    terminate(this.postmaster.process, 'QUIT', this.binaries.pgCtl);
    this.lock.release();
  }

  private async shutDown(): Promise<void> {
    for (const signal of ['INT', 'QUIT', 'KILL'] as const) {
      terminate(this.postmaster.process, signal, this.binaries.pgCtl);
      const deadline = performance.now() + SHUTDOWN_STEP_TIMEOUT_MS;
      while (isRunning(this.postmaster.process) && performance.now() < deadline) await sleep(POLL_INTERVAL_MS);
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

/** Creates the folder if it does not exist. Returns its real path, as PostgreSQL reports it. */
function prepareDirectory(directory: string): string {
  makeFolder(directory);
  accessSync(directory, constants.W_OK | constants.X_OK);
  return realpathSync(directory);
}

function explainFileError(error: unknown, directory: string): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  const message = `cannot use ${directory} as data folder (${error.message})`;
  const remedy = 'make it a writable folder with free space, or set DATA_DIR to another one';
  return new EmbeddedPostgresUnavailable(`${message}: ${remedy}`, { cause: error });
}
