import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { EmbeddedPostgresUnavailable } from './embedded-postgres-unavailable.ts';
import { type RunningProcess, runningProcess, terminate } from './running-process.ts';
import type { ServerStatus } from './server-probe.ts';
import { shutDown } from './shut-down.ts';
import { describeFailure, type UnprivilegedRunner } from './unprivileged-runner.ts';

const POLL_INTERVAL_MS = 4;
const RETRY_INTERVAL_MS = 40;
const START_TIMEOUT_MS = 60_000;
const LOG_LIMIT_BYTES = 4 * 1024 * 1024;

/** A server that accepts connections. */
export interface Postmaster extends ServerStatus {
  readonly process: RunningProcess;
}

/** pg takes a while to load, so it is loaded while a server starts. */
const loadProbe = () => import('./server-probe.ts');

/**
 * Waits until the server has ended that a killed Taskwell left on the cluster. It ends by itself, but not on every system,
 * so it is shut down here, too. The caller must hold the lock of the folder.
 *
 * @throws EmbeddedPostgresUnavailable if the server belongs to another user
 */
export async function endLeftover(cluster: Cluster, pgCtl: string): Promise<void> {
  const leftover = cluster.postmaster();
  if (leftover === undefined) return;
  try {
    await shutDown(leftover, pgCtl);
  } catch (cause) {
    const what = `data folder ${cluster.directory} is in use by a PostgreSQL server (process ${leftover.pid})`;
    const reason = `that cannot be stopped (${describeFailure(cause)})`;
    throw new EmbeddedPostgresUnavailable(`${what} ${reason}: stop it, or set DATA_DIR to another folder`, { cause });
  }
}

/** What a server is started with. */
export interface Launch {
  readonly cluster: Cluster;
  readonly binaries: Binaries;
  readonly runner: UnprivilegedRunner;
  readonly settings: Readonly<Record<string, string>>;
  /** Stops the server when it aborts. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Starts a server on a cluster that has none. Waits without a timeout while the server lives, because recovery may take
 * long.
 */
export async function launch(options: Launch): Promise<Postmaster> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const result = await launchOnce(options, await findFreePort());
    if (typeof result !== 'string') return result;
    // Another process took the port, or processes of a killed server are still running.
    const isTransient = /could not create any TCP\/IP sockets|pre-existing shared memory block/.test(result);
    if (!isTransient || performance.now() > deadline) throw startFailed(options.cluster, result);
    await sleep(RETRY_INTERVAL_MS);
  }
}

/** Resolves with the server, or with its log if it exits before it is ready. */
async function launchOnce(
  { cluster, binaries, runner, settings, signal }: Launch,
  port: number,
): Promise<Postmaster | string> {
  const isLarge = (statSync(cluster.log, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES;
  const log = openSync(cluster.log, isLarge ? 'w' : 'a', 0o600);
  const sizeBefore = fstatSync(log).size;
  runner.takeOwnership();
  const args = Object.entries({ ...settings, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // Another program may have reused the process id of a killed server. PostgreSQL would mistake it for a running server.
  // This variable, which pg_ctl also sets, makes it ignore the process id. The file must stay: it also tells PostgreSQL
  // which shared memory the remaining processes of the killed server may still use.
  const stalePid = cluster.pidFile()?.pid;
  const variables = stalePid === undefined ? undefined : { PG_GRANDPARENT_PID: String(stalePid) };
  const child = runner.spawn(binaries.postgres, ['-D', cluster.path, ...args], log, variables);
  closeSync(log);
  child.unref();
  signal?.addEventListener('abort', () => child.kill('SIGINT'));
  const loading = loadProbe();
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  while (failure === undefined && child.exitCode === null && child.signalCode === null) {
    const file = cluster.pidFile();
    const found = file?.ready && file.pid === child.pid ? runningProcess(file.pid) : undefined;
    if (file === undefined || found === undefined) {
      await sleep(POLL_INTERVAL_MS);
      continue;
    }
    const { probeServer } = await loading;
    try {
      return { process: found, ...(await probeServer(cluster, file.port)) };
    } catch (error) {
      terminate(found, 'QUIT', binaries.pgCtl);
      throw startFailed(cluster, describeFailure(error));
    }
  }
  return failure?.message ?? readFileSync(cluster.log).subarray(sizeBefore).toString();
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await once(server.close(), 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function startFailed(cluster: Cluster, output: string): EmbeddedPostgresUnavailable {
  const lines = output.trim().split('\n');
  const reason = lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1);
  const what = `the database in ${cluster.directory} does not start (${reason})`;
  return new EmbeddedPostgresUnavailable(`${what}: see ${cluster.log}, or set DATABASE_URL to use another server`);
}
