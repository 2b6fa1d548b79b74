import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { EmbeddedPostgresUnavailable } from './embedded-postgres-unavailable.ts';
import { type RunningProcess, runningProcess, terminate } from './running-process.ts';
import { reasonOf, type Unprivileged } from './unprivileged.ts';

const POLL_MS = 4;
const LOG_LIMIT_BYTES = 4 * 1024 * 1024;
const PATIENCE_MS = 60_000;

/** A server that has answered us. */
export interface Postmaster {
  readonly process: RunningProcess;
  readonly url: string;
  readonly version: string;
}

/** Loaded once there is a server to greet, or one that starts meanwhile: it takes a while. */
const greeting = () => import('./greeting.ts');

/**
 * The server that a killed predecessor left running on the cluster, once it answers; `undefined` when there is none, or
 * none any more. One with the other durability is stopped rather than adopted.
 */
export async function adopt(cluster: Cluster, fsync: string, pgCtl: string): Promise<Postmaster | undefined> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = cluster.postmaster();
    if (found === undefined) return undefined;
    let reason = 'it does not get ready';
    const file = cluster.pidFile();
    if (file?.ready) {
      const { greet, isDefinite } = await greeting();
      try {
        const greeting = await greet(cluster, file.port);
        if (greeting.fsync !== fsync) terminate(found, 'INT', pgCtl);
        else if (cluster.pidFile()?.ready) return { process: found, ...greeting };
      } catch (error) {
        reason = reasonOf(error);
        if (isDefinite(error)) throw foreign(cluster, found, reason);
      }
    }
    if (Date.now() > deadline) throw foreign(cluster, found, reason);
    await sleep(POLL_MS);
  }
}

/**
 * Starts a server on a cluster that has none. Recovery after a crash may take its time: we wait as long as it lives.
 */
export async function launch(
  cluster: Cluster,
  binaries: Binaries,
  settings: Readonly<Record<string, string>>,
  unprivileged: Unprivileged,
): Promise<Postmaster> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const port = await freePort();
    const said = await attempt(cluster, binaries, { ...settings, port: String(port) }, unprivileged);
    if (typeof said !== 'string') return said;
    // somebody took the port, or processes of a killed predecessor are still on their way out
    const passing = /could not create any TCP\/IP sockets|pre-existing shared memory block/.test(said);
    if (!passing || Date.now() > deadline) throw refused(cluster, said);
    await sleep(10 * POLL_MS);
  }
}

/** What the server said before it gave up, unless it did not. */
async function attempt(
  cluster: Cluster,
  binaries: Binaries,
  settings: Readonly<Record<string, string>>,
  unprivileged: Unprivileged,
): Promise<Postmaster | string> {
  const large = (statSync(cluster.log, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES;
  const log = openSync(cluster.log, large ? 'w' : 'a', 0o600);
  const before = fstatSync(log).size;
  unprivileged.own();
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // Somebody else may have the process id of a killed predecessor by now, and PostgreSQL would take that for a living
  // server. This, which pg_ctl uses as well, tells it otherwise. We leave the file alone: from it PostgreSQL also knows
  // the shared memory that surviving children of the predecessor may still use.
  const stale = cluster.pidFile()?.pid;
  const variables = stale === undefined ? undefined : { PG_GRANDPARENT_PID: String(stale) };
  const child = unprivileged.spawn(binaries.postgres, ['-D', cluster.path, ...args], log, variables);
  closeSync(log);
  child.unref();
  const loading = greeting();
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  while (failure === undefined && child.exitCode === null && child.signalCode === null) {
    const file = cluster.pidFile();
    const found = file?.ready && file.pid === child.pid ? runningProcess(file.pid) : undefined;
    if (file === undefined || found === undefined) {
      await sleep(POLL_MS);
      continue;
    }
    const { greet } = await loading;
    try {
      return { process: found, ...(await greet(cluster, file.port)) };
    } catch (error) {
      terminate(found, 'QUIT', binaries.pgCtl);
      throw refused(cluster, reasonOf(error));
    }
  }
  return failure?.message ?? readFileSync(cluster.log).subarray(before).toString();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function foreign(cluster: Cluster, { pid }: RunningProcess, reason: string): EmbeddedPostgresUnavailable {
  const what = `data folder ${cluster.directory} is in use by a PostgreSQL (process ${pid}) that does not let us in`;
  return new EmbeddedPostgresUnavailable(`${what} (${reason}): stop it, or set DATA_DIR to another folder`);
}

function refused(cluster: Cluster, said: string): EmbeddedPostgresUnavailable {
  const lines = said.trim().split('\n');
  const reason = lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1);
  const what = `the database in ${cluster.directory} does not start (${reason})`;
  return new EmbeddedPostgresUnavailable(`${what}: see ${cluster.log}, or set DATABASE_URL to use another server`);
}
