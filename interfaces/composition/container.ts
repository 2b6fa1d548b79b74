import { Container, type ServiceIdentifier } from 'inversify';
import type Koa from 'koa';
import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import type { TaskIds } from '../../application/ports/task-ids.ts';
import type { TaskPositions } from '../../application/ports/task-positions.ts';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import { PositionsByOwner } from '../../application/positions-by-owner.ts';
import { createUseCases, type UseCases } from '../../application/use-cases.ts';
import { WatchTasks } from '../../application/watch-tasks.ts';
import type { BetterAuthAccounts } from '../../infrastructure/accounts/better-auth-accounts.ts';
import { measuredRateLimits } from '../../infrastructure/metrics/measured-rate-limits.ts';
import { MeasuredTokenVerifier } from '../../infrastructure/metrics/measured-token-verifier.ts';
import type { PrometheusMetrics } from '../../infrastructure/metrics/prometheus-metrics.ts';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresSchema } from '../../infrastructure/postgres/migrations/postgres-schema.ts';
import { PostgresTaskPositions } from '../../infrastructure/postgres/tasks/postgres-task-positions.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { EventLoopDelay } from '../../infrastructure/system/event-loop-delay.ts';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { SystemTimer } from '../../infrastructure/system/system-timer.ts';
import { UuidV7TaskIds } from '../../infrastructure/system/uuid-v7-task-ids.ts';
import { Admission } from '../http/pipeline/admission.ts';
import type { RequestState } from '../http/pipeline/request-state.ts';
import { SecurityLog } from '../http/pipeline/security-log.ts';
import { createApp } from '../http/server/app.ts';
import { Readiness } from '../http/server/readiness.ts';
import { checkDatabase } from './check-database.ts';
import type { ResolvedConfiguration } from './configuration/configuration.ts';
import { createAccounts } from './create-accounts.ts';
import { createDatabase } from './create-database.ts';
import { createRateLimits, type OpenRateLimits } from './create-rate-limits.ts';
import { createTokenVerifier } from './create-token-verifier.ts';

/** A typed injection token: a binding or an injection of another type is a compile error. */
const port = <Type>(name: string): ServiceIdentifier<Type> => Symbol(name);

export const Ports = {
  TaskRepository: port<TaskRepository>('TaskRepository'),
  TaskPositions: port<TaskPositions>('TaskPositions'),
  TokenVerifier: port<TokenVerifier>('TokenVerifier'),
  TaskIds: port<TaskIds>('TaskIds'),
  Clock: port<Clock>('Clock'),
  Log: port<Logger>('Log'),
  SecurityLog: port<SecurityLog>('SecurityLog'),
  RateLimits: port<OpenRateLimits>('RateLimits'),
  Accounts: port<BetterAuthAccounts | undefined>('Accounts'),
  UseCases: port<UseCases>('UseCases'),
  Readiness: port<Readiness>('Readiness'),
  Admission: port<Admission>('Admission'),
  App: port<Koa<RequestState>>('App'),
} as const;

/**
 * The composition root, which selects the adapters. `unbindAllAsync()` closes what the container opened.
 *
 * @param metrics absent: nothing is measured
 * @param accounts the class of the accounts, which is loaded only where this server signs users in
 */
export function createContainer(
  configuration: ResolvedConfiguration,
  log: Logger,
  metrics?: PrometheusMetrics,
  accounts?: typeof BetterAuthAccounts,
): Container {
  const container = new Container({ defaultScope: 'Singleton' });

  container.bind(Ports.Log).toConstantValue(log);
  container.bind(Ports.Clock).toResolvedValue(construct(SystemClock), []);
  container.bind(Ports.TaskIds).toResolvedValue(construct(UuidV7TaskIds), []);
  container.bind(Ports.TokenVerifier).toResolvedValue(
    (log, clock, own) => {
      const { signIn } = configuration;
      const keys = own && signIn && { load: () => own.publicKeys(), publicUrl: signIn.publicUrl };
      const verifier = createTokenVerifier(configuration, log, clock, keys);
      return metrics ? new MeasuredTokenVerifier(verifier, (outcome) => metrics.tokenVerified(outcome)) : verifier;
    },
    [Ports.Log, Ports.Clock, Ports.Accounts],
  );

  container
    .bind(PostgresDatabase)
    .toResolvedValue((log, clock) => createDatabase(configuration, log, clock, metrics), [Ports.Log, Ports.Clock])
    .onDeactivation((database) => database.close());
  container.bind(Ports.TaskRepository).toResolvedValue(construct(PostgresTaskRepository), [PostgresDatabase]);
  container.bind(Ports.TaskPositions).toResolvedValue(
    (database, tasks) => {
      const isDistributed = configuration.databaseEngine === 'citus';
      return isDistributed ? new PositionsByOwner(tasks) : new PostgresTaskPositions(database);
    },
    [PostgresDatabase, Ports.TaskRepository],
  );
  container
    .bind(WatchTasks)
    .toResolvedValue(
      (tasks, positions, clock, log) => {
        const report = {
          failed: (err: unknown) => log.warn({ err }, 'live updates paused: the positions of the tasks cannot be read'),
          recovered: () => log.info('live updates resumed'),
        };
        const watchTasks = new WatchTasks({ tasks, positions, clock, timer: new SystemTimer(), report });
        metrics?.watchStreams(() => watchTasks.count);
        return watchTasks;
      },
      [Ports.TaskRepository, Ports.TaskPositions, Ports.Clock, Ports.Log],
    )
    .onDeactivation((watchTasks) => watchTasks.close());

  container
    .bind(Ports.Accounts)
    .toResolvedValue(
      (tasks, clock, log) => createAccounts(accounts, configuration, tasks, clock, log),
      [Ports.TaskRepository, Ports.Clock, Ports.Log],
    )
    .onDeactivation((opened) => opened?.close());
  container
    .bind(Ports.UseCases)
    .toResolvedValue(
      (tasks, ids, watchTasks, accounts, { limits }) => createUseCases({ tasks, ids, watchTasks, accounts, limits }),
      [Ports.TaskRepository, Ports.TaskIds, WatchTasks, Ports.Accounts, Ports.RateLimits],
    );
  container
    .bind(Ports.RateLimits)
    .toResolvedValue(
      (database, log, clock) => {
        const opened = createRateLimits(configuration, database, log, clock);
        if (metrics === undefined || opened.limits === undefined) return opened;
        const limits = measuredRateLimits(opened.limits, (...decision) => metrics.rateLimitApplied(...decision));
        return { ...opened, limits };
      },
      [PostgresDatabase, Ports.Log, Ports.Clock],
    )
    .onDeactivation((opened) => opened.close());
  container
    .bind(Ports.SecurityLog)
    .toResolvedValue(construct(SecurityLog), [Ports.Log])
    .onDeactivation((securityLog) => securityLog.flush());
  container.bind(PostgresSchema).toResolvedValue(construct(PostgresSchema), [PostgresDatabase]);
  container
    .bind(Ports.Readiness)
    .toResolvedValue(
      (schema, clock, log) => new Readiness(() => checkDatabase(schema), clock, log),
      [PostgresSchema, Ports.Clock, Ports.Log],
    );
  container
    .bind(EventLoopDelay)
    .toResolvedValue(construct(EventLoopDelay), [])
    .onDeactivation((eventLoop) => eventLoop.stop());
  container
    .bind(Ports.Admission)
    .toResolvedValue(
      (log, clock, eventLoop) => new Admission(log, clock, eventLoop),
      [Ports.Log, Ports.Clock, EventLoopDelay],
    );
  container.bind(Ports.App).toResolvedValue(
    (useCases, tokens, clock, log, securityLog, { limits }, readiness, admission, accounts) => {
      const betterAuth = accounts && ((request: Request) => accounts.handle(request));
      const dependencies = { useCases, tokens, clock, log, securityLog, limits, readiness, admission, metrics };
      return createApp(configuration, { ...dependencies, betterAuth });
    },
    [
      Ports.UseCases,
      Ports.TokenVerifier,
      Ports.Clock,
      Ports.Log,
      Ports.SecurityLog,
      Ports.RateLimits,
      Ports.Readiness,
      Ports.Admission,
      Ports.Accounts,
    ],
  );
  return container;
}

/** Turns a constructor into a function with the same parameter types. */
function construct<Args extends unknown[], Type>(type: new (...args: Args) => Type): (...args: Args) => Type {
  return (...args) => new type(...args);
}
