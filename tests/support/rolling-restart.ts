import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { aUser } from '../conformance/builders.ts';
import { ROOT } from './build.ts';
import { freePort } from './free-port.ts';
import { quickSender, SECRET, tokenFor } from './running-app.ts';

/** Requests under way at a time. */
const CONCURRENCY = 16;

/** An instance of the server in a process of its own, which keeps its port over restarts. */
export class Instance {
  private child: ChildProcess | undefined;
  private output = '';

  private constructor(
    private readonly port: number,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  static async start(settings: Readonly<Record<string, string>>): Promise<Instance> {
    const instance = new Instance(await freePort(), settings);
    await instance.start();
    return instance;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, ENVIRONMENT: 'staging', PORT: String(this.port), RATE_LIMIT: 'off', LOG_LEVEL: 'warn' };
    const child = spawn(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'serve'], {
      env: { ...env, BETTER_AUTH_SECRET: SECRET, ...this.settings },
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        this.output += chunk;
      });
    }
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the instance ended: ${this.output}`);
      const ready = await fetch(`${this.url}/ready`, { headers: { connection: 'close' } }).catch(() => undefined);
      if (ready?.ok) return;
    }
  }

  /** Ends it as a deployment does. @returns the exit code */
  async stop(): Promise<number | null> {
    const { child } = this;
    if (child === undefined) return null;
    this.child = undefined;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await closed;
    return child.exitCode;
  }
}

/**
 * Sends requests to `url`, reads and writes, while `restart` runs, and no fewer than `count`. A user has one request
 * under way at a time, so each response can be held against what the earlier ones acknowledged.
 *
 * @returns what went wrong, and how many requests were sent
 */
export async function sendDuring(
  restart: Promise<unknown>,
  { url, count, keepAlive }: { url: string; count: number; keepAlive: boolean },
): Promise<{ failures: string[]; sent: number }> {
  const failures: string[] = [];
  const agent = new Agent({ keepAlive });
  const send = quickSender(url, agent);
  let sent = 0;
  let restarting = true;
  void restart.finally(() => {
    restarting = false;
  });
  const sendAsUser = async () => {
    const user = aUser();
    const tasks = `/api/${user}/tasks`;
    const headers = { authorization: `Bearer ${tokenFor(user)}`, 'content-type': 'application/json' };
    let created = 0;
    while (restarting || sent < count) {
      const [method, path, status] = [
        ['POST', tasks, 201] as const,
        ['GET', tasks, 200] as const,
        ['PATCH', `${tasks}/${Math.max(created, 1)}/complete`, 200] as const,
      ][sent % 3 === 0 || created === 0 ? 0 : sent % 3]!;
      sent += 1;
      const body = method === 'POST' ? { title: 'Buy groceries' } : undefined;
      const answer = await send(method, path, { headers, body }).catch((error) => ({ status: 0, text: String(error) }));
      if (answer.status !== status) failures.push(`${method}: ${answer.status} ${answer.text.slice(0, 200)}`);
      else if (method === 'POST') created += 1;
    }
    const { body } = await send('GET', tasks, { headers });
    if (body.count !== created) failures.push(`${created} tasks were acknowledged, ${body.count} are there`);
  };
  await Promise.all([restart, ...Array.from({ length: CONCURRENCY }, sendAsUser)]);
  agent.destroy();
  return { failures, sent };
}
