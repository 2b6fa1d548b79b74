import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import type { MetricsServer } from '../http/server/metrics-server.ts';
import type { Configuration, ResolvedConfiguration } from './configuration/configuration.ts';
import { describeAcceptedTokens } from './configuration/token-settings.ts';
import { explainListenError } from './explain-listen-error.ts';
import type { RequestServer } from './in-process-server.ts';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import { findSharedSecret, type SharedSecret } from './shared-secret.ts';

/** A description of a server that is ready. */
export interface StartedServer {
  readonly url: string;
  /** A description for operators: which database it uses. */
  readonly database: string;
  readonly secret: SharedSecret | undefined;
}

/** The whole server: its database, the schema, and the processes that answer requests. */
export class TaskwellServer {
  private readonly killing = new AbortController();
  private database: OpenDatabase | undefined;
  private requests: RequestServer | undefined;
  private metrics: MetricsServer | undefined;

  constructor(
    private readonly configuration: Configuration,
    private readonly log: Logger,
    private readonly clock: Clock,
  ) {}

  /** Opens the database, brings its schema up to date and listens. @throws OperatorError */
  async start(): Promise<StartedServer> {
    const { configuration, log } = this;
    const { environment, contract, workers } = configuration;
    const secret = await findSharedSecret(configuration);
    const opening = openDatabase(configuration, this.killing.signal);
    const loading = this.loadModules();
    this.database = await opening;
    const { prepareDatabase, Server } = await loading;
    const { url: databaseUrl, about: database } = this.database;
    await prepareDatabase(this.database, { ...configuration, secret: secret?.value }, log);
    const resolved = { ...configuration, secret: secret?.value, databaseUrl };
    this.requests = new Server(resolved, log, this.clock);
    const url = await this.requests.start();
    this.metrics = await this.serveMetrics(this.requests);
    log.info({ tokens: describeAcceptedTokens(resolved) }, 'accepting tokens');
    const hint = 'LOG_LEVEL=debug logs each origin that CORS_ORIGINS does not allow';
    log.info({ origins: configuration.corsOrigins, hint }, 'accepting origins');
    if (workers > 1 && configuration.rateLimits?.store === 'memory') {
      const effect = `each worker counts separately, so a user may send up to ${workers} times RATE_LIMIT`;
      log.warn(`${effect}: set RATE_LIMIT_STORE to postgres or to a Redis URL`);
    }
    log.info(
      {
        url,
        environment,
        contract,
        database,
        ...(workers > 1 && { workers }),
        ...(this.metrics && { metrics: this.metrics.url }),
      },
      'ready',
    );
    log.flush();
    return { url, database, secret };
  }

  /** Finishes the requests in flight and stops the embedded database. Can be called after a failed start. */
  async stop(): Promise<void> {
    try {
      await this.requests?.close();
    } finally {
      this.metrics?.close(); // the last one to stop, because a drain is worth watching
      await this.database?.stop();
    }
  }

  /** Kills the embedded database and the workers without waiting for them, also during `start`. */
  kill(): void {
    this.killing.abort();
    this.requests?.kill();
  }

  private async serveMetrics(requests: RequestServer): Promise<MetricsServer | undefined> {
    const { metrics: address } = this.configuration;
    if (address === undefined) return undefined;
    const { MetricsServer } = await import('../http/server/metrics-server.ts');
    try {
      return await MetricsServer.listen(() => requests.metricsPage(), address);
    } catch (error) {
      throw explainListenError(error, address, 'METRICS_');
    }
  }

  /** Loading the server's modules takes about as long as starting a database. */
  private async loadModules() {
    const preparation = import('./prepare-database.ts');
    if (this.configuration.signIn !== undefined && this.configuration.workers === 1) {
      // InProcessServer loads it again, and reports why it cannot be loaded.
      void import('../../infrastructure/accounts/better-auth-accounts.ts').catch(() => {});
    }
    const Server: new (...args: [ResolvedConfiguration, Logger, Clock]) => RequestServer =
      this.configuration.workers === 1
        ? (await import('./in-process-server.ts')).InProcessServer
        : (await import('./worker-pool.ts')).WorkerPool;
    return { ...(await preparation), Server };
  }
}
