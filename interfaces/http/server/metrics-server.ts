import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

/** The text format of Prometheus. */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** Connections of scrapers. Two Prometheus servers need two. */
const CONNECTIONS_MAX = 32;
/** How long a request may take to arrive. */
const REQUEST_TIMEOUT_MS = 5_000;

/** Serves the page of the metrics at `/metrics`, on a port of its own that need not be public. */
export class MetricsServer {
  private constructor(private readonly server: Server) {}

  /**
   * @param page renders the page; scrapes at the same time share one call
   * @throws Error with Node's code (`EADDRINUSE`, `EACCES`, …) if it cannot listen
   */
  static async listen(
    page: () => Promise<string>,
    { host, port }: { readonly host: string; readonly port: number },
  ): Promise<MetricsServer> {
    let rendering: Promise<string> | undefined;
    const render = () => {
      rendering ??= page().finally(() => {
        rendering = undefined;
      });
      return rendering;
    };
    const options = { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS };
    const server = createServer(options, async ({ method, url = '' }, response) => {
      if (url.split('?', 1)[0] !== '/metrics') return response.writeHead(404).end();
      if (method !== 'GET' && method !== 'HEAD') return response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      try {
        const text = await render();
        return response.writeHead(200, { 'Content-Type': CONTENT_TYPE }).end(text);
      } catch {
        return response.writeHead(500).end();
      }
    });
    server.maxConnections = CONNECTIONS_MAX;
    server.listen(port, host);
    await once(server, 'listening');
    return new MetricsServer(server);
  }

  /** Where the page is, such as `http://127.0.0.1:9464/metrics`. */
  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}/metrics`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
