import { Container, type ServiceIdentifier } from 'inversify';
import type Koa from 'koa';
import type { Logger } from 'pino';
import { CreateTask } from '../../application/create-task.ts';
import { DeleteTask } from '../../application/delete-task.ts';
import { GetTask } from '../../application/get-task.ts';
import { ListTasks } from '../../application/list-tasks.ts';
import type { Clock } from '../../application/ports/clock.ts';
import type { TaskIds } from '../../application/ports/task-ids.ts';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import { ToggleTask } from '../../application/toggle-task.ts';
import { UpdateTask } from '../../application/update-task.ts';
import type { Configuration } from '../../infrastructure/configuration.ts';
import { PostgresDatabase } from '../../infrastructure/postgres/postgres-database.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/postgres-task-repository.ts';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { UuidV7TaskIds } from '../../infrastructure/system/uuid-v7-task-ids.ts';
import { createApp } from '../http/app.ts';
import type { RequestState } from '../http/request-state.ts';
import { SecurityLog } from '../http/security-log.ts';
import type { UseCases } from '../http/use-cases.ts';
import { type OpenRateLimits, rateLimits } from './rate-limits.ts';
import { tokenVerifier } from './token-verifier.ts';

/** A token that remembers what it stands for: binding or injecting something else does not compile. */
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

/** Milliseconds that a statement may take, and the wait for a connection. */
const DATABASE_TIMEOUT = 10_000;

/** What the configuration leaves to the start: where the database is, and in dev the secret. */
export type Settings = Configuration & { readonly databaseUrl: string };

/** The composition root: the one place that knows every adapter. `unbindAllAsync()` closes what it opened. */
export function createContainer(settings: Settings, log: Logger): Container {
  const container = new Container({ defaultScope: 'Singleton' });

  container.bind(Ports.Log).toConstantValue(log);
  container.bind(Ports.Clock).toResolvedValue(construct(SystemClock), []);
  container.bind(Ports.TaskIds).toResolvedValue(construct(UuidV7TaskIds), []);
  container.bind(Ports.TokenVerifier).toResolvedValue((log) => tokenVerifier(settings, log), [Ports.Log]);

  container
    .bind(PostgresDatabase)
    .toResolvedValue(
      (log) => {
        const { databaseUrl: url, databasePoolSize: poolSize, databasePrepare: prepare } = settings;
        return new PostgresDatabase({ url, poolSize, prepare, timeout: DATABASE_TIMEOUT }, (err) =>
          log.warn({ err }, 'database connection lost'),
        );
      },
      [Ports.Log],
    )
    .onDeactivation((database) => database.close());
  container.bind(Ports.TaskRepository).toResolvedValue(construct(PostgresTaskRepository), [PostgresDatabase]);

  container.bind(CreateTask).toResolvedValue(construct(CreateTask), [Ports.TaskRepository, Ports.TaskIds]);
  container.bind(GetTask).toResolvedValue(construct(GetTask), [Ports.TaskRepository]);
  container.bind(ListTasks).toResolvedValue(construct(ListTasks), [Ports.TaskRepository]);
  container.bind(UpdateTask).toResolvedValue(construct(UpdateTask), [Ports.TaskRepository]);
  container.bind(ToggleTask).toResolvedValue(construct(ToggleTask), [Ports.TaskRepository]);
  container.bind(DeleteTask).toResolvedValue(construct(DeleteTask), [Ports.TaskRepository]);

  container.bind(Ports.UseCases).toResolvedValue(
    (createTask, getTask, listTasks, updateTask, toggleTask, deleteTask) => ({
      createTask,
      getTask,
      listTasks,
      updateTask,
      toggleTask,
      deleteTask,
    }),
    [CreateTask, GetTask, ListTasks, UpdateTask, ToggleTask, DeleteTask],
  );
  container
    .bind(Ports.RateLimits)
    .toResolvedValue((database, log) => rateLimits(settings, database, log), [PostgresDatabase, Ports.Log])
    .onDeactivation((opened) => opened.close());
  container
    .bind(Ports.SecurityLog)
    .toResolvedValue(construct(SecurityLog), [Ports.Log])
    .onDeactivation((securityLog) => securityLog.flush());
  container
    .bind(Ports.App)
    .toResolvedValue(
      (useCases, tokens, clock, log, securityLog, { limits }) =>
        createApp(settings, { useCases, tokens, clock, log, securityLog, limits }),
      [Ports.UseCases, Ports.TokenVerifier, Ports.Clock, Ports.Log, Ports.SecurityLog, Ports.RateLimits],
    );
  return container;
}

/** A constructor as a function, with the types of its parameters. */
function construct<Args extends unknown[], Type>(type: new (...args: Args) => Type): (...args: Args) => Type {
  return (...args) => new type(...args);
}
