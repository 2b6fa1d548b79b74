import { accessSync, constants, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { makeFolder } from '../system/make-folder.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { Cluster } from './cluster.ts';
import { EmbeddedPostgresUnavailable } from './embedded-postgres-unavailable.ts';
import { FolderLock } from './folder-lock.ts';
import { endLeftover, launch, type Postmaster } from './postmaster.ts';
import { terminate } from './running-process.ts';
import { shutDown } from './shut-down.ts';
import { UnprivilegedRunner } from './unprivileged-runner.ts';

export interface EmbeddedPostgresOptions {
  /** The folder of the cluster, the password (0600), the lock and the log. It is created if it does not exist. */
  readonly directory: string;
  /** Whether an acknowledged write survives a crash of the system. Default: 'kept'. 'throwaway' is for tests. */
  readonly durability?: 'kept' | 'throwaway';
  /** More server settings, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** When it aborts, the server is stopped as by `kill`, also while it starts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A PostgreSQL server from the package `@embedded-postgres/<platform>`, which runs as a separate process. It shuts down
 * when this process ends in any way.
 */
export class EmbeddedPostgres {
  /** The connection string of the database `taskwell`, as the superuser. */
  readonly url: string;
  /** The same as the role that serves requests, which row-level security binds. */
  readonly servingUrl: string;
  /** Such as '18.4'. */
  readonly version: string;
  private stopping: Promise<void> | undefined;
  private readonly killAtExit = () => this.kill();

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
    process.once('exit', this.killAtExit);
  }

  /**
   * Starts a server, and creates its cluster if necessary. If the server of a killed process is still shutting down on the
   * folder, waits for it first.
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
      const runner = await UnprivilegedRunner.find(binaries.postgres, directory);
      const cluster = new Cluster(directory);
      await cluster.createIfMissing(binaries.initdb, runner, durability === 'kept');
      await endLeftover(cluster, binaries.pgCtl);
      const postmaster = await launch({ cluster, binaries, runner, settings, signal: options.signal });
      const embedded = new EmbeddedPostgres(cluster.path, postmaster, binaries, lock);
      options.signal?.addEventListener('abort', () => embedded.kill());
      return embedded;
    } catch (error) {
      lock?.release();
      throw explainFileError(error, folder);
    }
  }

  /** Shuts the server down, and resolves when it has exited: see `shutDown`. Can be called repeatedly. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  /** Begins a fast shutdown without waiting for it. */
  kill(): void {
    terminate(this.postmaster.process, 'INT', this.binaries.pgCtl);
    this.lock.release();
  }

  private async shutDown(): Promise<void> {
    await shutDown(this.postmaster.process, this.binaries.pgCtl);
    this.lock.release();
    process.off('exit', this.killAtExit);
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
