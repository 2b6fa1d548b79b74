import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type Koa from 'koa';
import type { RequestState } from '../pipeline/request-state.ts';
import { malformedRequest, respondMalformed } from './malformed-request.ts';

/** Longer than the idle timeout of common load balancers (60 s), so that no request meets a connection that closes. */
const KEEP_ALIVE_MS = 65_000;

/** A listening app that can stop without losing a request. */
export class HttpServer {
  /** Every open connection with its response in progress. */
  private readonly connections = new Map<Socket, ServerResponse | undefined>();
  private closing = false;

  private constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.connections.set(socket, undefined);
      socket.once('close', () => this.connections.delete(socket));
    });
    server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.connections.set(socket, response);
      if (this.closing) response.setHeader('Connection', 'close');
      response.once('close', () => {
        if (this.connections.get(socket) !== response) return;
        this.connections.set(socket, undefined);
        if (this.closing) socket.end();
      });
    });
    server.on('clientError', malformedRequest);
    server.on('checkExpectation', (_request, response) => respondMalformed(response, 417));
  }

  /** @throws Error with Node's code (`EADDRINUSE`, `EACCES`, …) when the address is not available */
  static async listen(app: Koa<RequestState>, { host, port }: { host: string; port: number }): Promise<HttpServer> {
    const handle = app.callback();
    // Duplicate headers are joined, so that a second Authorization or Host header is refused and not ignored.
    const options = { joinDuplicateHeaders: true, requireHostHeader: false, keepAliveTimeout: KEEP_ALIVE_MS };
    const server = createServer(options, (request, response) => {
      if (hasOneHost(request)) handle(request, response);
      else respondMalformed(response, 400);
    });
    const listening = new HttpServer(server);
    server.listen(port, host);
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
   * Accepts no new connections and waits for the requests in progress.
   *
   * @param graceMs milliseconds after which the remaining connections are cut
   */
  async close(graceMs: number): Promise<void> {
    this.closing = true;
    const closed = once(this.server, 'close');
    this.server.close();
    for (const [socket, response] of this.connections) {
      if (response === undefined) socket.destroy();
      else if (!response.headersSent) response.setHeader('Connection', 'close');
    }
    const cut = setTimeout(() => this.server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(cut);
  }
}

/** An HTTP/1.1 request has exactly one Host header (RFC 9112, section 3.2). */
function hasOneHost({ httpVersion, headers: { host } }: IncomingMessage): boolean {
  return host === undefined ? httpVersion === '1.0' : !host.includes(',');
}
