import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** How often each instance is asked whether it is ready. */
const CHECK_INTERVAL_MS = 100;
/** How long an answer counts: less than an instance that drains goes on serving. */
const ANSWER_LIFETIME_MS = 500;

/**
 * A load balancer: it sends requests in turns to the instances that say at `/ready` that they are, over connections that
 * it keeps, and it never tries a request twice.
 */
export class RoundRobinProxy {
  private readonly ready = new Set<string>();
  /** When the last check that has ended began, by instance. */
  private readonly checkedAtMs = new Map<string, number>();
  private readonly agent = new Agent({ keepAlive: true });
  private turn = 0;
  private stopped = false;
  private readonly checks: Promise<void>[];

  private constructor(
    private readonly server: Server,
    private readonly instances: readonly string[],
  ) {
    server.on('request', (incoming, outgoing) => void this.forward(incoming, outgoing));
    this.checks = instances.map((instance) => this.watch(instance));
  }

  static async before(instances: readonly string[]): Promise<RoundRobinProxy> {
    const server = createServer({ keepAliveTimeout: 60_000 }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RoundRobinProxy(server, instances);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Whether it sends requests to the instance. */
  sendsTo(instance: string): boolean {
    return this.ready.has(instance);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.checks);
    this.server.closeAllConnections();
    this.server.close();
    this.agent.destroy();
  }

  private async watch(instance: string): Promise<void> {
    while (!this.stopped) {
      const startMs = performance.now();
      const ready = await fetch(`${instance}/ready`, { headers: { connection: 'close' } }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (ready) this.ready.add(instance);
      else this.ready.delete(instance);
      this.checkedAtMs.set(instance, startMs);
      await pause(CHECK_INTERVAL_MS);
    }
  }

  /** Waits until the answers are new. Where another program has the processor, they may be seconds old. */
  private async upToDate(): Promise<void> {
    const isOld = (instance: string) =>
      performance.now() - (this.checkedAtMs.get(instance) ?? Number.NEGATIVE_INFINITY) > ANSWER_LIFETIME_MS;
    while (this.instances.some(isOld)) await pause(5);
  }

  private async forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    await this.upToDate();
    const instances = [...this.ready];
    this.turn += 1;
    const instance = instances[this.turn % instances.length];
    const fail = (reason: string) => void outgoing.writeHead(502).end(reason);
    if (instance === undefined) {
      fail('no instance is ready');
      return;
    }
    const { method, headers, url } = incoming;
    const { connection, ...forwarded } = headers;
    const sent = request(`${instance}${url}`, { method, headers: forwarded, agent: this.agent } as object);
    sent.once('error', (error) => fail(`${method} to ${instance}: ${error.message}`));
    sent.once('response', (response) => {
      const { connection, 'keep-alive': _, ...received } = response.headers;
      outgoing.writeHead(response.statusCode ?? 502, received);
      response.pipe(outgoing);
    });
    incoming.pipe(sent);
  }
}
