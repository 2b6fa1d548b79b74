import type { Container } from 'inversify';
import type { Logger } from 'pino';
import { HttpServer } from '../http/server/http-server.ts';
import { createContainer, Ports, type Settings } from './container.ts';
import { listenFault } from './faults.ts';
import { GRACE, type Serving } from './serving.ts';

/** Answers in this process. */
export class Server implements Serving {
  private readonly container: Container;
  private http: HttpServer | undefined;

  constructor(
    private readonly settings: Settings,
    log: Logger,
  ) {
    this.container = createContainer(settings, log);
  }

  async start(): Promise<string> {
    const { host, port } = this.settings;
    try {
      this.http = await HttpServer.listen(this.container.get(Ports.App), { host, port });
    } catch (error) {
      throw listenFault(error, { host, port });
    }
    return this.http.url;
  }

  async close(): Promise<void> {
    try {
      await this.http?.close(GRACE);
    } finally {
      await this.container.unbindAllAsync();
    }
  }

  kill(): void {}
}
