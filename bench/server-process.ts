import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that a contestant has to begin, and to end. */
const PATIENCE = 30_000;

/** A contestant's server, as a process of its own that writes its log to a file. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly pid: number,
    readonly url: string,
    private readonly log: string,
  ) {}

  /**
   * Starts it and waits until it says that it is ready.
   *
   * @param script what Node.js runs, with its arguments
   * @param env everything it gets to see, besides PORT and HOST
   * @param log where its output goes, and LOG_FILE points
   */
  static async start(
    script: readonly string[],
    env: Readonly<Record<string, string>>,
    log: string,
  ): Promise<ServerProcess> {
    const port = await freePort();
    const output = openSync(`${log}.out`, 'a');
    const child = spawn(process.execPath, script, {
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: String(port),
        LOG_FILE: log,
        ...env,
      },
      stdio: ['ignore', output, output],
      detached: true,
    });
    closeSync(output);
    if (child.pid === undefined) throw new Error(`${script[0]} cannot be started`);
    const server = new ServerProcess(child, child.pid, `http://127.0.0.1:${port}`, log);
    await server.ready();
    return server;
  }

  /** Its log grows by gigabytes; nobody reads it. */
  emptyLogs(): void {
    for (const file of [this.log, `${this.log}.out`]) {
      try {
        truncateSync(file);
      } catch {
        // it writes none
      }
    }
  }

  async stop(): Promise<void> {
    if (this.ended) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const kill = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE);
    await ended;
    clearTimeout(kill);
  }

  private get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (!/\bready\b/.test(this.output())) {
      if (this.ended || Date.now() > deadline) throw new Error(`it did not get ready:\n${this.output()}`);
      await sleep(20);
    }
  }

  private output(): string {
    return readFileSync(`${this.log}.out`, 'utf8');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}
