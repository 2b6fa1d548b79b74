import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type Koa from 'koa';
import type { RequestState } from '../pipeline/request-state.ts';
import { type Answer, Connection } from './connection.ts';
import { HTTP_LIMITS, type HttpLimits } from './http-limits.ts';
import { malformedStatus, respondMalformed } from './malformed-request.ts';

/** An app that listens, and that can stop without losing a request. */
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
    limits: HttpLimits = HTTP_LIMITS,
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
    const listening = new HttpServer(server, app.callback(), limits);
    server.listen(port, host);
    await once(server, 'listening');
    return listening;
  }

  /** Where it answers, such as `http://127.0.0.1:8000`. */
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
    this.closing = true;
    for (const connection of this.connections.values()) connection.drain(this.limits.drainingIdleMs);
    await nextTurn(); // a turn of the event loop accepts what waits for it, and closing would reset what waits
    const closed = once(this.server, 'close');
    // Node's close() destroys the sockets that look idle, although a request may be on its way.
    this.server.closeIdleConnections = () => {};
    this.server.close();
    const cut = setTimeout(() => this.server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(cut);
  }
}

/** RFC 9112, section 3.2: a request of HTTP/1.1 names its host, once. */
function hasOneHost({ httpVersion, headers: { host } }: IncomingMessage): boolean {
  return host === undefined ? httpVersion === '1.0' : !host.includes(',');
}
