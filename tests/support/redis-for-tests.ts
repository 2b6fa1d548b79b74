import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** Whether redis-server is installed. If it is not, the run says so. */
export const HAS_REDIS = isInstalled();
if (!HAS_REDIS) {
  process.stderr.write('NO REDIS: the tests of rate limits in Redis are skipped; install redis-server\n');
}

/** A Redis server for one test, without persistence. */
export class TestRedis {
  private constructor(
    private readonly port: number,
    private running: ChildProcess,
  ) {}

  static async start(): Promise<TestRedis> {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      try {
        return new TestRedis(port, await startServer(port));
      } catch (error) {
        if (attempt === 5) throw error; // another process may have taken the port
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Kills the server, which closes no connection in order. */
  async kill(): Promise<void> {
    if (this.running.exitCode !== null || this.running.signalCode !== null) return;
    this.running.kill('SIGKILL');
    await once(this.running, 'exit');
  }

  /** Suspends the server: it does not answer, and its connections stay open. */
  freeze(): void {
    this.running.kill('SIGSTOP');
  }

  /** Starts an empty server at the same address. */
  async startAgain(): Promise<void> {
    this.running = await startServer(this.port);
  }
}

function isInstalled(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Starts a server and waits until it answers. */
async function startServer(port: number): Promise<ChildProcess> {
  const settings = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    tmpdir(),
  ];
  const server = spawn('redis-server', settings, { stdio: 'ignore' });
  for (;;) {
    if (server.exitCode !== null) throw new Error(`redis-server ended with ${server.exitCode}`);
    if (await isRedis(port)) return server;
    await pause(20);
  }
}

/** Whether a Redis listens on a port. */
async function isRedis(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  try {
    socket.write('PING\r\n');
    for await (const answer of socket) return answer === '+PONG\r\n';
    return false;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
