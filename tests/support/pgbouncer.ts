import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';

/** Where Debian installs it is not on the path of every user. */
export const PGBOUNCER = ['pgbouncer', '/usr/sbin/pgbouncer'].find(
  (path) => spawnSync(path, ['--version']).status === 0,
);

/** PgBouncer in transaction mode in front of a server of PostgreSQL. All clients share the role of its connection string. */
export class PgBouncer {
  private constructor(
    private readonly port: number,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** @param url of the server, with a role and its password */
  static async before(url: string): Promise<PgBouncer> {
    if (PGBOUNCER === undefined) throw new Error('PgBouncer is not installed');
    const [folder, port] = [await mkdtemp(join(tmpdir(), 'taskwell-pgbouncer-')), await freePort()];
    const { hostname, port: serverPort, username, password, pathname } = new URL(url);
    const server = `host=${hostname} port=${serverPort} user=${username} password=${decodeURIComponent(password)}`;
    const configuration = `
[databases]
* = ${server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 20
${process.getuid?.() === 0 ? 'user = nobody' : ''}
`;
    await writeFile(join(folder, 'pgbouncer.ini'), configuration);
    await chmod(folder, 0o755); // it gives up the rights of root
    const child = spawn(PGBOUNCER, ['--quiet', join(folder, 'pgbouncer.ini')], { stdio: 'ignore' });
    const pooler = new PgBouncer(port, child, folder);
    while (!(await answers(pooler.through(`postgresql://${username}@127.0.0.1${pathname}`)))) {
      if (child.exitCode !== null) throw new Error(`PgBouncer ended with ${child.exitCode}`);
      await pause(20);
    }
    return pooler;
  }

  /** The same URL through PgBouncer. */
  through(url: string): string {
    return Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(this.port) }).href;
  }

  async stop(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client(url);
  client.on('error', () => {}); // the attempt to connect rejects as well
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
