import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import type { PrometheusMetrics } from '../../infrastructure/metrics/prometheus-metrics.ts';
import { databaseErrorKind } from '../../infrastructure/postgres/connection/database-error-kind.ts';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import type { ResolvedConfiguration } from './configuration/configuration.ts';

/**
 * Creates the connections of the configured database. None is opened yet.
 *
 * @param metrics absent: nothing is measured
 */
export function createDatabase(
  configuration: ResolvedConfiguration,
  log: Logger,
  clock: Clock,
  metrics?: PrometheusMetrics,
): PostgresDatabase {
  const database = new PostgresDatabase(
    {
      url: configuration.databaseUrl,
      poolSize: configuration.databasePoolSize,
      prepare: configuration.databasePrepare,
      timeout: configuration.databaseTimeout * 1_000,
      engine: configuration.databaseEngine,
    },
    {
      clock,
      onIdleError: (err) => log.warn({ err }, 'database connection lost'),
      onBreakerChange: (state) => {
        metrics?.breakerChanged(state);
        if (state === 'open') log.error('database does not answer: requests that need it are refused until it does');
        else log.info('database answers again');
      },
      onFailure: (error) => metrics?.databaseFailed(databaseErrorKind(error)),
    },
  );
  metrics?.watchDatabase(() => database.usage);
  return database;
}
