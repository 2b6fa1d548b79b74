import type { Container } from 'inversify';
import type { Logger } from 'pino';
import type { MetricsSnapshot } from '../../infrastructure/metrics/merged-metrics.ts';
import type { PrometheusMetrics } from '../../infrastructure/metrics/prometheus-metrics.ts';
import { HttpServer } from '../http/server/http-server.ts';
import { createContainer, Ports, type ResolvedConfiguration } from './container.ts';
import { explainListenError } from './explain-listen-error.ts';
import { GRACE_PERIOD_MS } from './shutdown.ts';

/** Answers requests, in this process or in workers. */
export interface RequestServer {
  /** Resolves with the server's URL once it listens. @throws OperatorError if it cannot listen */
  start(): Promise<string>;
  /** Refuses new requests, drains those in flight and closes what is open. May follow a failed start. */
  close(): Promise<void>;
  /** Ends at once every process that would outlive this one. */
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
    this.container = createContainer(this.configuration, this.log, this.metrics);
    try {
      this.http = await HttpServer.listen(this.container.get(Ports.App), this.configuration);
    } catch (error) {
      throw explainListenError(error, this.configuration);
    }
    return this.http.url;
  }

  async close(): Promise<void> {
    try {
      await this.http?.close(GRACE_PERIOD_MS);
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
}
