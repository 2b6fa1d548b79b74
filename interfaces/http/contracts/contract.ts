import type { Instant } from '../../../domain/instant.ts';
import type { Task } from '../../../domain/task.ts';
import type { ErrorCode, Failure } from '../errors/error-table.ts';
import type { Endpoint } from './endpoint.ts';
import type { ResponseBody } from './http-response.ts';

/** The HTTP API of one generation of frontends. Routes and documentation derive from it. */
export interface Contract {
  /** The name of its specification. The contract answers below `/contracts/<name>`. */
  readonly name: string;
  /** Its distinctive features, in one sentence. */
  readonly about: string;
  /** The path of the task list. A `:user_id` in it has to be the signed-in user. */
  readonly path: '/api/:user_id/tasks' | '/api/tasks' | '/tasks';
  /** In the order in which they are matched: a literal path precedes one with a parameter in the same place. */
  readonly endpoints: readonly Endpoint[];
  /** How users sign up and sign in, where this server has their accounts; absent: only at the routes of Better Auth. */
  readonly signIn?: readonly Endpoint[];
  /** A task, without an envelope. */
  readonly task: ResponseBody<[task: Task]>;
  /** The body of every error response. */
  readonly error: ResponseBody<[failure: Failure, at: Instant]>;
  /** The statuses that replace those in error-table.ts. */
  readonly statuses?: Partial<Readonly<Record<ErrorCode, number>>>;
}
