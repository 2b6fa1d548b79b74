import type { Description } from '../../domain/description.ts';
import type { Instant } from '../../domain/instant.ts';
import type { Task, TaskQuery, TaskRef } from '../../domain/task.ts';
import type { TaskChange } from '../../domain/task-change.ts';
import type { Title } from '../../domain/title.ts';
import type { ErrorKind, Failure } from './errors.ts';
import type { Schema } from './wire.ts';

/** What is done to tasks over HTTP. */
export type Operation = 'list' | 'create' | 'read' | 'update' | 'toggle' | 'delete';

/** How one generation of frontends speaks with the server, as data: the router factory makes routes of it. */
export interface Contract {
  /** The name of its specification, which is also its place: `/contracts/<name>/api/…`. */
  readonly name: string;
  /** Where the tasks are. A `:user_id` in it has to be the token's user. */
  readonly path: '/api/:user_id/tasks' | '/api/tasks';
  /** The id in a path. */
  readonly id: Schema<TaskRef>;
  /** The query of the list. */
  readonly query: Schema<TaskQuery>;
  /** The body of POST. */
  readonly create: Schema<{ readonly title: Title; readonly description: Description | undefined }>;
  /** The bodies of the methods that update. */
  readonly update: Partial<Readonly<Record<'PUT' | 'PATCH', Schema<TaskChange>>>>;
  /** The paths below a task at which PATCH toggles it, or does what its body asks for instead. */
  readonly toggle?: { readonly paths: readonly string[]; readonly body?: Schema<TaskChange | undefined> };
  /** Longest texts, in code points. */
  readonly limits: { readonly title: number; readonly description: number };
  readonly present: {
    list(tasks: readonly Task[]): unknown;
    task(task: Task, operation: Exclude<Operation, 'list' | 'delete'>): unknown;
    /** `undefined`: 204 without a body. */
    deleted(): unknown;
    error(failure: Failure, at: Instant): unknown;
  };
  /** Where its statuses differ from those of errors.ts. */
  readonly statuses?: Partial<Readonly<Record<ErrorKind, number>>>;
}
