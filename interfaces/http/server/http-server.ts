import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type Koa from 'koa';
import type { RequestState } from '../pipeline/request-state.ts';
import { malformedRequest, respondMalformed } from './malformed-request.ts';

/** Longer than the 60 s after which usual load balancers close an idle connection, so that never both ends do it. */
const KEEP_ALIVE = 65_000;

/** An app that listens, and that can stop without losing a request. */
export class HttpServer {
  /** Every connection, with the answer that is under way on it. */
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

  /** @throws Error with Node's code (`EADDRINUSE`, `EACCES`, …) when the address cannot be had */
  static async listen(app: Koa<RequestState>, { host, port }: { host: string; port: number }): Promise<HttpServer> {
    const answer = app.callback();
    // A second Authorization header is joined to the first, so that it is refused and not overlooked; so is Host.
    const options = { joinDuplicateHeaders: true, requireHostHeader: false, keepAliveTimeout: KEEP_ALIVE };
    const server = createServer(options, (request, response) => {
      if (hasOneHost(request)) answer(request, response);
      else respondMalformed(response, 400);
    });
    const listening = new HttpServer(server);
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
   * Takes no new connections and lets the requests under way finish.
   *
   * @param grace milliseconds after which those that are still under way are cut off
   */
  async close(grace: number): Promise<void> {
    this.closing = true;
    const closed = once(this.server, 'close');
    this.server.close();
    for (const [socket, response] of this.connections) {
      if (response === undefined) socket.destroy();
      else if (!response.headersSent) response.setHeader('Connection', 'close');
    }
    const cut = setTimeout(() => this.server.closeAllConnections(), grace);
    await closed;
    clearTimeout(cut);
  }
}

/** RFC 9112, section 3.2: a request of HTTP/1.1 names its host, once. */
function hasOneHost({ httpVersion, headers: { host } }: IncomingMessage): boolean {
  return host === undefined ? httpVersion === '1.0' : !host.includes(',');
}
