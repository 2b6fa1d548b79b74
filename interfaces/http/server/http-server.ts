import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type Koa from 'koa';
import type { Logger } from 'pino';
import type { RequestState } from '../pipeline/request-state.ts';
import { type Answer, Connection } from './connection.ts';
import { HTTP_LIMITS, type HttpLimits } from './http-limits.ts';
import { malformedStatus, respondMalformed } from './malformed-request.ts';

/**
 * Connections that may wait to be accepted; Linux allows at most `net.core.somaxconn`. Node.js allows 511. When more
 * clients return at once, for example after a failure of the network, the others wait for seconds until they try again.
 */
const BACKLOG = 4_096;

/** A listening app that can stop without losing a request. */
export class HttpServer {
  private readonly connections = new Map<Socket, Connection>();
  private closing = false;

  private constructor(
    private readonly server: Server,
    answer: Answer,
    private readonly limits: HttpLimits,
  ) {
    const answerOneHost: Answer = (request, response) => {
      if (hasOneHost(request)) answer(request, response);
      else respondMalformed(response, 400);
    };
    server.on('connection', (socket: Socket) => {
      const connection = new Connection(socket, answerOneHost);
      this.connections.set(socket, connection);
      if (this.closing) connection.drain(limits.drainingIdleMs);
      socket.once('close', () => this.connections.delete(socket));
    });
    server.on('request', (request, response) => this.connections.get(request.socket)?.receive(request, response));
    server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
      const connection = this.connections.get(socket);
      if (connection === undefined || error.code === 'ECONNRESET' || error.code === 'EPIPE') socket.destroy();
      else connection.refuse(malformedStatus(error));
    });
    server.on('checkExpectation', (_request, response) => respondMalformed(response, 417));
  }

  /** @throws Error with Node's code (`EADDRINUSE`, `EACCES`, …) when the address cannot be had */
  static async listen(
    app: Koa<RequestState>,
    { host, port }: { host: string; port: number },
    { limits = HTTP_LIMITS, log }: { limits?: HttpLimits; log?: Pick<Logger, 'debug'> } = {},
  ): Promise<HttpServer> {
    const server = createServer({
      // A second Authorization header is joined to the first, so that it is refused and not overlooked; so is Host.
      joinDuplicateHeaders: true,
      requireHostHeader: false,
      maxHeaderSize: limits.headersBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
    });
    server.timeout = limits.stallTimeoutMs;
    server.on('timeout', (socket: Socket) => {
      if (socket.writableLength > 0) log?.debug({ unread_bytes: socket.writableLength }, 'the client stopped reading');
      socket.destroy();
    });
    const listening = new HttpServer(server, app.callback(), limits);
    server.listen(port, host, BACKLOG);
    await once(server, 'listening');
    return listening;
  }

  /** The base URL, such as `http://127.0.0.1:8000`. */
  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}`;
  }

  /**
   * Takes no new connections, lets the requests under way finish, and ends each connection after its next response or
   * once it is idle.
   *
   * @param graceMs milliseconds after which the connections that are left are cut
   */
  async close(graceMs: number): Promise<void> {
    // Node's close() destroys the sockets that look idle, although a request may be on its way.
    this.server.closeIdleConnections = () => {};
    const closed = once(this.server, 'close');
    await quietTurn();
    this.server.close();
    // Only now, because a client that has to leave a connection would open another one just before the server closes.
    this.closing = true;
    for (const connection of this.connections.values()) connection.drain(this.limits.drainingIdleMs);
    const cut = setTimeout(() => this.server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(cut);
  }
}

/** A turn of the event loop without I/O takes less than this. */
const QUIET_TURN_MS = 0.1;
/** How long to wait for such a turn. */
const QUIET_TURN_TIMEOUT_MS = 1_000;

/**
 * Resolves after a turn of the event loop in which nothing arrived. The operating system resets connections that wait to
 * be accepted when the server stops listening, and after such a turn none waits.
 */
async function quietTurn(): Promise<void> {
  const deadlineMs = performance.now() + QUIET_TURN_TIMEOUT_MS;
  for (;;) {
    const startMs = performance.now();
    await nextTurn();
    const endMs = performance.now();
    if (endMs - startMs < QUIET_TURN_MS || endMs > deadlineMs) return;
  }
}

/** RFC 9112, section 3.2: a request of HTTP/1.1 names its host, once. */
function hasOneHost({ httpVersion, headers: { host } }: IncomingMessage): boolean {
  return host === undefined ? httpVersion === '1.0' : !host.includes(',');
}
