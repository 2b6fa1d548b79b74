import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What the proxy does to connections:
 *
 * - `pass`: forwards everything
 * - `refuse`: does not listen, so connecting fails at once; open connections are reset
 * - `silent`: accepts connections and never answers; open connections stop as well
 * - `blackHole`: open connections stop, and what arrives meanwhile is lost for good
 */
export type ProxyMode = 'pass' | 'refuse' | 'silent' | 'blackHole';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** Whether what arrives is lost. */
  halfOpen: boolean;
}

/** A TCP proxy in front of a server, to break the network between a client and it. */
export class TcpProxy {
  private readonly pairs = new Set<Pair>();
  private readonly parked = new Set<Socket>();
  /** By receiver: settles when all that was sent to it before has arrived. */
  private readonly arrivals = new WeakMap<Socket, Promise<unknown>>();
  private mode: ProxyMode = 'pass';
  /** Milliseconds that each chunk of data waits, in each direction. */
  latencyMs = 0;
  /** Milliseconds until a new connection is forwarded, as to a database that has to resume first. */
  connectDelayMs = 0;
  /** Bytes that each direction of a connection carries in a second; `undefined`: no limit. */
  bytesPerSecond: number | undefined;
  /** Bytes of answers after which the connection is reset; `undefined`: never. */
  cutAfterBytes: number | undefined;
  private server: Server;

  private constructor(
    /** Where new connections go. */
    private target: { host: string; port: number },
    server: Server,
    readonly port: number,
  ) {
    this.server = server;
  }

  /** @param url of the server, such as a PostgreSQL connection string */
  static async start(url: string): Promise<TcpProxy> {
    const { hostname: host, port } = new URL(url);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy({ host, port: Number(port) }, server, (server.address() as AddressInfo).port);
    server.on('connection', (socket) => void proxy.accept(socket));
    return proxy;
  }

  /** The same URL through the proxy. */
  through(url: string): string {
    return Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(this.port) }).href;
  }

  async set(mode: ProxyMode): Promise<void> {
    const before = this.mode;
    this.mode = mode;
    if (mode === 'refuse') {
      this.reset();
      await new Promise((resolve) => this.server.close(resolve));
    } else if (before === 'refuse') {
      this.server = createServer((socket) => void this.accept(socket)).listen(this.port, '127.0.0.1');
      await once(this.server, 'listening');
    }
    if (mode === 'silent') for (const { near, far } of this.pairs) [near, far].map((socket) => socket.pause());
    if (mode === 'pass') for (const { near, far } of this.pairs) [near, far].map((socket) => socket.resume());
  }

  /** Resets every connection, as a crashed host or a firewall does. */
  reset(): void {
    for (const { near, far } of this.pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
    for (const socket of this.parked) socket.resetAndDestroy();
  }

  /** Loses what arrives on the open connections, as a firewall does that forgot them. New connections work. */
  halfOpen(): void {
    for (const pair of this.pairs) pair.halfOpen = true;
  }

  /** Sends new connections to another server. */
  retarget(url: string): void {
    const { hostname: host, port } = new URL(url);
    this.target = { host, port: Number(port) };
  }

  async stop(): Promise<void> {
    this.reset();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  private async accept(near: Socket): Promise<void> {
    near.on('error', () => {});
    if (this.mode !== 'pass') {
      this.parked.add(near);
      near.once('close', () => this.parked.delete(near));
      near.resume();
      return;
    }
    if (this.connectDelayMs > 0) await pause(this.connectDelayMs);
    if (near.destroyed) return;
    const far = connect(this.target);
    far.on('error', () => near.resetAndDestroy());
    const pair = { near, far, halfOpen: false };
    this.pairs.add(pair);
    let answered = 0;
    near.on('data', (chunk) => void this.forward(chunk, pair, far));
    far.on('data', (chunk) => {
      answered += chunk.length;
      if (this.cutAfterBytes !== undefined && answered > this.cutAfterBytes) {
        near.write(chunk.subarray(0, 8));
        near.resetAndDestroy();
        far.destroy();
        return;
      }
      void this.forward(chunk, pair, near);
    });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.once('close', () => {
        this.pairs.delete(pair);
        other.destroy();
      });
    }
  }

  private async forward(chunk: Buffer, { halfOpen }: Pair, to: Socket): Promise<void> {
    if (this.mode === 'blackHole' || halfOpen) return;
    const { latencyMs, bytesPerSecond = Number.POSITIVE_INFINITY } = this;
    if (latencyMs > 0 || bytesPerSecond < Number.POSITIVE_INFINITY) {
      const transfer = () => pause((chunk.length / bytesPerSecond) * 1_000);
      const arrival = Promise.all([this.arrivals.get(to), pause(latencyMs)]).then(transfer);
      this.arrivals.set(to, arrival);
      await arrival;
    }
    if (to.writable) to.write(chunk);
  }
}
