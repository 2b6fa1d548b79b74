import type { Instant } from '../../../domain/instant.ts';
import type { Task } from '../../../domain/task.ts';
import type { ErrorCode, Failure } from '../errors/error-table.ts';
import type { Endpoint } from './endpoint.ts';
import type { ResponseBody } from './http-response.ts';

/** How one generation of frontends speaks with the server. Routes and documentation derive from it. */
export interface Contract {
  /** The name of its specification. The contract answers below `/contracts/<name>`. */
  readonly name: string;
  /** What is special about it, in one sentence. */
  readonly about: string;
  /** The path of the tasks. A `:user_id` in it has to be the signed-in user. */
  readonly path: '/api/:user_id/tasks' | '/api/tasks';
  /** In the order in which they are matched: a literal path precedes one with a parameter in the same place. */
  readonly endpoints: readonly Endpoint[];
  /** A task, on its own. */
  readonly task: ResponseBody<[task: Task]>;
  /** The body of every error response. */
  readonly error: ResponseBody<[failure: Failure, at: Instant]>;
  /** The statuses that differ from those in error-table.ts. */
  readonly statuses?: Partial<Readonly<Record<ErrorCode, number>>>;
}
