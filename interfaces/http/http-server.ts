import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import { malformedRequest } from './malformed-request.ts';
import type { RequestState } from './request-state.ts';

/** Longer than the 60 s after which usual load balancers close an idle connection, so that never both ends do it. */
const KEEP_ALIVE = 65_000;

/** An app that listens, and that can stop without losing a request. */
export class HttpServer {
  private constructor(
    private readonly server: Server,
    /** Where it answers, such as `http://127.0.0.1:8000`. */
    readonly url: string,
  ) {}

  /** @throws Error with Node's code (`EADDRINUSE`, `EACCES`, …) when the address cannot be had */
  static async listen(app: Koa<RequestState>, { host, port }: { host: string; port: number }): Promise<HttpServer> {
    // A second Authorization header is joined to the first, so that it is refused and not overlooked.
    const server = createServer({ joinDuplicateHeaders: true, keepAliveTimeout: KEEP_ALIVE }, app.callback());
    server.on('clientError', malformedRequest);
    server.listen(port, host);
    await once(server, 'listening');
    const address = server.address() as AddressInfo;
    const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return new HttpServer(server, `http://${name}:${address.port}`);
  }

  /**
   * Takes no new connections and lets the requests under way finish.
   *
   * @param grace milliseconds after which those that are still under way are cut off
   */
  async close(grace: number): Promise<void> {
    this.server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
    const closed = once(this.server, 'close');
    this.server.close();
    const sweep = setInterval(() => this.server.closeIdleConnections(), 25);
    const cut = setTimeout(() => this.server.closeAllConnections(), grace);
    await closed;
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
