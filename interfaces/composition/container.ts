import { Container, type ServiceIdentifier } from 'inversify';
import type Koa from 'koa';
import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import type { RateLimits } from '../../application/ports/rate-limiter.ts';
import type { TaskIds } from '../../application/ports/task-ids.ts';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import { createUseCases, type UseCases } from '../../application/use-cases.ts';
import { MeasuredRateLimiter } from '../../infrastructure/metrics/measured-rate-limiter.ts';
import { MeasuredTokenVerifier } from '../../infrastructure/metrics/measured-token-verifier.ts';
import type { PrometheusMetrics } from '../../infrastructure/metrics/prometheus-metrics.ts';
import { databaseErrorKind } from '../../infrastructure/postgres/connection/database-error-kind.ts';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { UuidV7TaskIds } from '../../infrastructure/system/uuid-v7-task-ids.ts';
import type { RequestState } from '../http/pipeline/request-state.ts';
import { SecurityLog } from '../http/pipeline/security-log.ts';
import { createApp } from '../http/server/app.ts';
import type { Configuration } from './configuration/configuration.ts';
import { createRateLimits, type OpenRateLimits } from './create-rate-limits.ts';
import { createTokenVerifier } from './create-token-verifier.ts';

/** An injection token that carries its type, so that a binding or an injection of another type does not compile. */
const port = <Type>(name: string): ServiceIdentifier<Type> => Symbol(name);

export const Ports = {
  TaskRepository: port<TaskRepository>('TaskRepository'),
  TokenVerifier: port<TokenVerifier>('TokenVerifier'),
  TaskIds: port<TaskIds>('TaskIds'),
  Clock: port<Clock>('Clock'),
  Log: port<Logger>('Log'),
  SecurityLog: port<SecurityLog>('SecurityLog'),
  RateLimits: port<OpenRateLimits>('RateLimits'),
  UseCases: port<UseCases>('UseCases'),
  App: port<Koa<RequestState>>('App'),
} as const;

/** How long a statement, or the wait for a connection, may take. */
const DATABASE_TIMEOUT_MS = 10_000;

/** A configuration with the URL of the database that was opened and, in dev, the secret of the data folder. */
export type ResolvedConfiguration = Configuration & { readonly databaseUrl: string };

/**
 * The composition root, which alone knows every adapter. `unbindAllAsync()` closes what the container opened.
 *
 * @param metrics absent: nothing is measured
 */
export function createContainer(
  configuration: ResolvedConfiguration,
  log: Logger,
  metrics?: PrometheusMetrics,
): Container {
  const container = new Container({ defaultScope: 'Singleton' });

  container.bind(Ports.Log).toConstantValue(log);
  container.bind(Ports.Clock).toResolvedValue(construct(SystemClock), []);
  container.bind(Ports.TaskIds).toResolvedValue(construct(UuidV7TaskIds), []);
  container.bind(Ports.TokenVerifier).toResolvedValue(
    (log, clock) => {
      const verifier = createTokenVerifier(configuration, log, clock);
      return metrics ? new MeasuredTokenVerifier(verifier, (outcome) => metrics.tokenVerified(outcome)) : verifier;
    },
    [Ports.Log, Ports.Clock],
  );

  container
    .bind(PostgresDatabase)
    .toResolvedValue(
      (log, clock) => {
        const { databaseUrl: url, databasePoolSize: poolSize, databasePrepare: prepare } = configuration;
        const database = new PostgresDatabase(
          { url, poolSize, prepare, timeout: DATABASE_TIMEOUT_MS },
          {
            clock,
            onIdleError: (err) => log.warn({ err }, 'database connection lost'),
            onFailure: (error) => metrics?.databaseFailed(databaseErrorKind(error)),
          },
        );
        metrics?.watchDatabase(() => database.usage);
        return database;
      },
      [Ports.Log, Ports.Clock],
    )
    .onDeactivation((database) => database.close());
  container.bind(Ports.TaskRepository).toResolvedValue(construct(PostgresTaskRepository), [PostgresDatabase]);

  container
    .bind(Ports.UseCases)
    .toResolvedValue((tasks, ids) => createUseCases({ tasks, ids }), [Ports.TaskRepository, Ports.TaskIds]);
  container
    .bind(Ports.RateLimits)
    .toResolvedValue(
      (database, log, clock) => {
        const { limits, close } = createRateLimits(configuration, database, log, clock);
        return { limits: metrics && limits ? measureRateLimits(limits, metrics) : limits, close };
      },
      [PostgresDatabase, Ports.Log, Ports.Clock],
    )
    .onDeactivation((opened) => opened.close());
  container
    .bind(Ports.SecurityLog)
    .toResolvedValue(construct(SecurityLog), [Ports.Log])
    .onDeactivation((securityLog) => securityLog.flush());
  container
    .bind(Ports.App)
    .toResolvedValue(
      (useCases, tokens, clock, log, securityLog, { limits }) =>
        createApp(configuration, { useCases, tokens, clock, log, securityLog, limits, metrics }),
      [Ports.UseCases, Ports.TokenVerifier, Ports.Clock, Ports.Log, Ports.SecurityLog, Ports.RateLimits],
    );
  return container;
}

function measureRateLimits(limits: RateLimits, metrics: PrometheusMetrics): RateLimits {
  const measure = (limit: keyof RateLimits) =>
    new MeasuredRateLimiter(limits[limit], (allowed) => metrics.rateLimitApplied(limit, allowed));
  return { user: measure('user'), failedAuthentication: measure('failedAuthentication') };
}

/** Turns a constructor into a function with the same parameter types. */
function construct<Args extends unknown[], Type>(type: new (...args: Args) => Type): (...args: Args) => Type {
  return (...args) => new type(...args);
}
