import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { findBinaries } from '../../infrastructure/embedded-postgres/binaries.ts';
import { Cluster } from '../../infrastructure/embedded-postgres/cluster.ts';
import { EmbeddedPostgres } from '../../infrastructure/embedded-postgres/embedded-postgres.ts';
import { UnprivilegedRunner } from '../../infrastructure/embedded-postgres/unprivileged-runner.ts';
import { until } from './command-process.ts';
import { isAlive, killServer, listProcesses } from './embedded-postgres-fixtures.ts';
import { freePort } from './free-port.ts';

type Settings = Readonly<Record<string, string>>;

/**
 * A PostgreSQL server of a test's own, with durable commits. The test may stop, kill or freeze it. It keeps its port.
 * Taskwell connects as the role `app`, which owns the database and is no superuser.
 */
export class TestCluster {
  private constructor(
    /** Holds the cluster and its log. */
    readonly directory: string,
    private readonly port: number,
    private readonly password: string,
    private readonly runner: UnprivilegedRunner,
    private readonly settings: Settings,
  ) {}

  /** Creates a cluster in a folder, and starts its server. @param settings of the server, such as `max_connections` */
  static async start(directory: string, settings: Settings = {}): Promise<TestCluster> {
    const embedded = await EmbeddedPostgres.start({ directory });
    await embedded.stop();
    const runner = await UnprivilegedRunner.find(findBinaries().postgres, directory);
    const cluster = new TestCluster(directory, await freePort(), new URL(embedded.url).password, runner, settings);
    await cluster.start();
    await cluster.query(`create role app login password 'app'`);
    await cluster.query('alter database taskwell owner to app');
    return cluster;
  }

  /** The connection string of Taskwell. */
  get url(): string {
    return `postgresql://app:app@127.0.0.1:${this.port}/taskwell`;
  }

  /** Starts the server without waiting for it. @param more settings for this start alone */
  launch(more: Settings = {}): ChildProcess {
    const address = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(this.port) };
    const settings = { ...address, ...this.settings, ...more };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const cluster = new Cluster(this.directory);
    const output = openSync(cluster.log, 'a', 0o600);
    this.runner.takeOwnership();
    // Another program may have the process id of a killed server by now: see `launch` in postmaster.ts.
    const variables = { PG_GRANDPARENT_PID: String(cluster.pidFile()?.pid ?? '') };
    const child = this.runner.spawn(findBinaries().postgres, ['-D', cluster.path, ...args], output, variables);
    child.unref();
    closeSync(output);
    return child;
  }

  /** Starts the server, and waits until it accepts connections. @param more settings for this start alone */
  async start(more?: Settings): Promise<void> {
    let child = this.launch(more);
    await until('the server accepts connections', () => {
      // The processes of a killed server may still hold its shared memory or its port.
      if (child.exitCode !== null) child = this.launch(more);
      return this.query('select').then(Boolean, () => false);
    });
  }

  /** Ends the sessions, and shuts the server down. */
  async stop(): Promise<void> {
    const postmaster = this.postmaster();
    if (postmaster === undefined) return;
    process.kill(postmaster, 'SIGINT');
    await until('the server has stopped', () => !isAlive(postmaster));
  }

  /** Kills all processes of the server at once, as a power failure does. */
  kill(): Promise<void> {
    return killServer(this.directory);
  }

  /** Suspends all processes of the server: connections stay open, and nothing answers. */
  freeze(): void {
    for (const pid of this.processes()) process.kill(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.processes().reverse()) process.kill(pid, 'SIGCONT');
  }

  /** Restarts as a standby, which is in recovery until it is promoted. @param hot whether it accepts connections */
  async becomeStandby({ hot }: { hot: boolean }): Promise<void> {
    await this.stop();
    writeFileSync(this.standbySignal, '');
    if (hot) return this.start();
    this.launch({ hot_standby: 'off' });
    await until('the server is in recovery', () =>
      this.query('select').then(
        () => false,
        (error) => error.code === '57P03' && /Hot standby mode is disabled/.test(error.detail ?? ''),
      ),
    );
  }

  /** Ends the recovery of a standby by a restart. */
  async becomePrimary(): Promise<void> {
    await this.stop();
    rmSync(this.standbySignal, { force: true });
    await this.start();
  }

  /** Runs SQL as the superuser, for whom PostgreSQL reserves connections. */
  async query(text: string, values: unknown[] = [], database = 'taskwell'): Promise<pg.QueryResult> {
    const client = await this.connect({ user: 'postgres', password: this.password, database });
    try {
      return await client.query(text, values);
    } finally {
      await client.end();
    }
  }

  /** Connects as Taskwell, unless told otherwise. */
  async connect(as: pg.ClientConfig = {}): Promise<pg.Client> {
    const app = { user: 'app', password: 'app', database: 'taskwell' };
    const client = new pg.Client({ host: '127.0.0.1', port: this.port, connectionTimeoutMillis: 5_000, ...app, ...as });
    client.on('error', () => {}); // the server may be killed while the client is connected
    await client.connect();
    return client;
  }

  /** Ends the sessions of Taskwell. */
  async disconnect(): Promise<void> {
    await this.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'taskwell'`,
      [],
      'postgres',
    );
  }

  private get standbySignal(): string {
    return join(new Cluster(this.directory).path, 'standby.signal');
  }

  private postmaster(): number | undefined {
    return new Cluster(this.directory).postmaster()?.pid;
  }

  private processes(): number[] {
    const postmaster = this.postmaster();
    return listProcesses()
      .filter(({ pid, parent }) => pid === postmaster || (postmaster !== undefined && parent === postmaster))
      .map(({ pid }) => pid);
  }
}
