import { setTimeout as pause } from 'node:timers/promises';
import type { Container } from 'inversify';
import type { Logger } from 'pino';
import { WatchTasks } from '../../application/watch-tasks.ts';
import type { BetterAuthAccounts } from '../../infrastructure/accounts/better-auth-accounts.ts';
import { errorCode } from '../../infrastructure/error-code.ts';
import type { MetricsSnapshot } from '../../infrastructure/metrics/merged-metrics.ts';
import type { PrometheusMetrics } from '../../infrastructure/metrics/prometheus-metrics.ts';
import { HttpServer } from '../http/server/http-server.ts';
import type { ResolvedConfiguration } from './configuration/configuration.ts';
import { createContainer, Ports } from './container.ts';
import { explainListenError } from './explain-listen-error.ts';
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
  /** The metrics of every process that answers requests, in the text format of Prometheus. Empty if they are off. */
  metricsPage(): Promise<string>;
}

/** Answers requests in this process. */
export class InProcessServer implements RequestServer {
  private container: Container | undefined;
  private http: HttpServer | undefined;
  private metrics: PrometheusMetrics | undefined;

  constructor(
    private readonly configuration: ResolvedConfiguration,
    private readonly log: Logger,
  ) {}

  async start(): Promise<string> {
    if (this.configuration.metrics) {
      const { PrometheusMetrics } = await import('../../infrastructure/metrics/prometheus-metrics.ts');
      this.metrics = new PrometheusMetrics();
    }
    const accounts = this.configuration.signIn && (await loadAccounts());
    this.container = createContainer(this.configuration, this.log, this.metrics, accounts);
    try {
      const log = this.container.get(Ports.Log);
      this.http = await HttpServer.listen(this.container.get(Ports.App), this.configuration, { log });
    } catch (error) {
      throw explainListenError(error, this.configuration);
    }
    const readiness = this.container.get(Ports.Readiness);
    readiness.beginServing();
    await readiness.verdict(); // logs a schema of another version, also if nobody asks for /ready
    return this.http.url;
  }

  async close(): Promise<void> {
    try {
      if (this.http && this.container) await this.drain(this.http, this.container);
    } finally {
      await this.container?.unbindAllAsync();
    }
  }

  kill(): void {}

  async metricsPage(): Promise<string> {
    return (await this.metrics?.page()) ?? '';
  }

  /** The metrics of this process, for the process that merges them. */
  async metricsSnapshot(): Promise<MetricsSnapshot> {
    return (await this.metrics?.snapshot()) ?? [];
  }

  /** Tells the load balancers first, so that no connection comes when nothing listens any more. */
  private async drain(http: HttpServer, container: Container): Promise<void> {
    container.get(Ports.Readiness).beginDraining();
    await pause(this.configuration.drainDelay * 1_000);
    container.get(WatchTasks).close(); // the clients open their streams again, on another instance
    await http.close(GRACE_PERIOD_MS);
  }
}

/** Better Auth is an optional package, and loading it takes a while. @throws OperatorError if it is not installed */
async function loadAccounts(): Promise<typeof BetterAuthAccounts> {
  try {
    return (await import('../../infrastructure/accounts/better-auth-accounts.ts')).BetterAuthAccounts;
  } catch (error) {
    if (errorCode(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new OperatorError('The packages better-auth and kysely are not installed: install them, or set SIGN_IN=off');
  }
}
