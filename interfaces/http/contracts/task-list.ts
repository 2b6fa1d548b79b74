import type * as v from 'valibot';
import type { TaskBatch } from '../../../application/ports/task-repository.ts';
import type { Task } from '../../../domain/task.ts';
import { JsonPieces, type ResponseBody, responseBody } from './http-response.ts';

/** The list of a contract, which can also be sent in pieces. */
export interface TaskList<Body extends v.GenericSchema = v.GenericSchema>
  extends ResponseBody<[tasks: readonly Task[]], Body> {
  /** Makes the same text as the JSON of `of`, batch by batch. */
  readonly inPieces: (batches: AsyncIterable<TaskBatch>) => JsonPieces<v.InferInput<Body>>;
}

/**
 * Declares the list of a contract.
 *
 * @param wrap makes the body. The list must be the first array in it, and nothing before the list may depend on `count`
 */
export function taskList<Item extends v.GenericSchema, const Body extends v.GenericSchema>(
  task: ResponseBody<[task: Task], Item>,
  schema: Body,
  wrap: (items: v.InferInput<Item>[], count: number) => v.InferInput<Body>,
): TaskList<Body> {
  /** The text before and after the items. */
  const around = (count: number): [before: string, after: string] => {
    const empty = JSON.stringify(wrap([], count));
    const start = empty.indexOf('[]') + 1;
    return [empty.slice(0, start), empty.slice(start)];
  };
  async function* pieces(batches: AsyncIterable<TaskBatch>): AsyncGenerator<string> {
    let count = 0;
    yield around(count)[0];
    for await (const { tasks } of batches) {
      if (tasks.length === 0) continue;
      const items = JSON.stringify(tasks.map(task.of)).slice(1, -1);
      yield count === 0 ? items : `,${items}`;
      count += tasks.length;
    }
    yield around(count)[1];
  }
  return {
    ...responseBody(schema, (tasks: readonly Task[]) => wrap(tasks.map(task.of), tasks.length)),
    inPieces: (batches) => new JsonPieces(pieces(batches)),
  };
}

/** A list whose first batch has been read: the whole list, or batches that can be read once. */
export type OpenList = Pick<TaskBatch, 'state' | 'total'> &
  ({ readonly whole: readonly Task[] } | { readonly batches: AsyncIterable<TaskBatch> });

/** Reads the first batch, so that a list that fails before it gets an error response. */
export async function openList(list: AsyncIterable<TaskBatch>): Promise<OpenList> {
  const iterator = list[Symbol.asyncIterator]();
  const { value: first } = await iterator.next();
  const { state, total } = first;
  if (first.isLast) {
    // A generator that is not finished keeps what it has read, and the garbage collector takes long to find out.
    await iterator.return?.();
    return { state, total, whole: first.tasks };
  }
  return { state, total, batches: continued(first, iterator) };
}

async function* continued(first: TaskBatch, rest: AsyncIterator<TaskBatch>): AsyncGenerator<TaskBatch> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}
