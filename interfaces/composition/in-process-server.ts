import { setTimeout as pause } from 'node:timers/promises';
import type { Container } from 'inversify';
import type { Logger } from 'pino';
import { errorCode } from '../../infrastructure/error-code.ts';
import { HttpServer } from '../http/server/http-server.ts';
import { createContainer, Ports, type ResolvedConfiguration } from './container.ts';
import { OperatorError } from './operator-error.ts';
import { GRACE_PERIOD_MS } from './shutdown.ts';

/** Answers requests, in this process or in workers. */
export interface RequestServer {
  /** Resolves with the server's URL once it listens. @throws OperatorError if it cannot listen */
  start(): Promise<string>;
  /**
   * Waits for `DRAIN_DELAY`, refuses new connections, finishes the requests in progress and closes everything. Can be
   * called after a failed start.
   */
  close(): Promise<void>;
  /** Kills all processes that would outlive this one. */
  kill(): void;
}

/** Answers requests in this process. */
export class InProcessServer implements RequestServer {
  private readonly container: Container;
  private http: HttpServer | undefined;

  constructor(
    private readonly configuration: ResolvedConfiguration,
    log: Logger,
  ) {
    this.container = createContainer(configuration, log);
  }

  async start(): Promise<string> {
    try {
      const log = this.container.get(Ports.Log);
      this.http = await HttpServer.listen(this.container.get(Ports.App), this.configuration, { log });
    } catch (error) {
      throw explainListenError(error, this.configuration);
    }
    this.container.get(Ports.Readiness).beginServing();
    return this.http.url;
  }

  async close(): Promise<void> {
    try {
      if (this.http) await this.drain(this.http);
    } finally {
      await this.container.unbindAllAsync();
    }
  }

  kill(): void {}

  /** Tells the load balancers first, so that no connection comes when nothing listens any more. */
  private async drain(http: HttpServer): Promise<void> {
    this.container.get(Ports.Readiness).beginDraining();
    await pause(this.configuration.drainDelay * 1_000);
    await http.close(GRACE_PERIOD_MS);
  }
}

function explainListenError(error: unknown, { host, port }: ResolvedConfiguration): unknown {
  const badHost = `${host} is not an address of this machine: set HOST to one, such as 127.0.0.1 or 0.0.0.0`;
  const explanations: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is in use: stop what listens there, or set PORT to another one`,
    EACCES: `Permission to listen on port ${port} is denied: set PORT to 1024 or higher`,
    EADDRNOTAVAIL: badHost,
    ENOTFOUND: badHost,
  };
  const explanation = explanations[errorCode(error) ?? ''];
  return explanation === undefined ? error : new OperatorError(explanation);
}
