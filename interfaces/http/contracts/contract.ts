import type * as v from 'valibot';
import type { Instant } from '../../../domain/instant.ts';
import type { Task, TaskDetails, TaskQuery, TaskRef } from '../../../domain/task.ts';
import type { TaskChange } from '../../../domain/task-change.ts';
import { ERRORS, type ErrorKind, type Failure } from '../errors/http-errors.ts';
import type { Schema } from './validation.ts';

/** How one generation of frontends speaks with the server, as data: routes and documentation are made of it. */
export interface Contract {
  /** The name of its specification, which is also its place: `/contracts/<name>/api/…`. */
  readonly name: string;
  /** What tells it from the others, in a sentence. */
  readonly about: string;
  /** Where the tasks are. A `:user_id` in it has to be the token's user. */
  readonly path: '/api/:user_id/tasks' | '/api/tasks';
  /** The id in a path. */
  readonly id: Schema<TaskRef>;
  /** The query of the list. */
  readonly query: Schema<TaskQuery>;
  /** The body of POST. */
  readonly create: Schema<TaskDetails>;
  /** The bodies of the methods that update. */
  readonly update: Partial<Readonly<Record<'PUT' | 'PATCH', Schema<TaskChange>>>>;
  /** The paths below a task at which PATCH toggles it, or does what its body asks for instead. */
  readonly toggle?: { readonly paths: readonly string[]; readonly body?: Schema<TaskChange | undefined> };
  /** A task as such; the answers are made of it. */
  readonly task: ResponseBody<[task: Task]>;
  readonly responses: {
    readonly list: ResponseBody<[tasks: readonly Task[]]>;
    /** One task, as the operation that it comes from tells it. */
    readonly one: ResponseBody<[task: Task, from: 'create' | 'read' | 'update' | 'toggle']>;
    /** Absent: 204 without a body. */
    readonly deleted?: ResponseBody<[]>;
    readonly error: ResponseBody<[failure: Failure, at: Instant]>;
  };
  /** Where its statuses differ from those of errors.ts. */
  readonly statuses?: Partial<Readonly<Record<ErrorKind, number>>>;
}

/** The status of an error under a contract. */
export function statusOf({ statuses }: Contract, kind: ErrorKind): number {
  return statuses?.[kind] ?? ERRORS[kind].status;
}

/** A body that goes out: the schema that it has, and how it is made. */
export interface ResponseBody<Args extends readonly unknown[], Body extends v.GenericSchema = v.GenericSchema> {
  readonly schema: Body;
  readonly of: (...args: Args) => v.InferInput<Body>;
}

/** Holds the two together: a body that is not of the schema's type does not compile. */
export function responseBody<const Body extends v.GenericSchema, Args extends readonly unknown[]>(
  schema: Body,
  of: (...args: Args) => v.InferInput<Body>,
): ResponseBody<Args, Body> {
  return { schema, of };
}
