import type { CollectionConfig } from '@tanstack/db';
import { type Connection, type Task, TasksClient, type Written } from './tasks-client';

/** Another client was faster. The collection shows the task as the server has it. */
export class TaskConflict extends Error {}

const RETRY_MS = 2_000;

/**
 * The tasks of one user, for `createCollection(taskCollection({ … }))`.
 *
 * The server assigns the ids of tasks. Insert a task with a UUID of the client as its id: it becomes the Idempotency-Key,
 * and the task appears with the id of the server as soon as it is created. If an insert fails, insert the same object
 * again: this makes no second task, even if the server had created the first one.
 */
export function taskCollection(connection: Connection): CollectionConfig<Task, string> {
  const client = new TasksClient(connection);
  let reach: (position: number) => Promise<void> = async () => {};

  /**
   * TanStack DB keeps the optimistic state until this ends. So wait until the collection has the result of the write.
   * If the write did not happen, the error makes TanStack DB drop the optimistic state.
   */
  async function settle(writes: Promise<Written>[]): Promise<void> {
    const written = await Promise.all(writes);
    await reach(Math.max(...written.map(({ position }) => position)));
    if (written.some(({ done }) => !done)) throw new TaskConflict('Another client changed this task');
  }

  return {
    id: `${connection.url} ${connection.userId}`,
    getKey: (task) => task.id,
    onInsert: ({ transaction }) =>
      settle(transaction.mutations.map(({ key, modified }) => client.create(key, modified))),
    onUpdate: ({ transaction }) =>
      settle(transaction.mutations.map(({ original, modified }) => client.write(original, modified))),
    onDelete: ({ transaction }) =>
      settle(transaction.mutations.map(({ original }) => client.write(original, undefined))),
    sync: {
      rowUpdateMode: 'full',
      sync({ begin, write, commit, truncate, markReady }) {
        const stop = new AbortController();
        let since: string | undefined;
        let position = -1;
        let pulls = Promise.resolve();

        async function pull(): Promise<void> {
          const read = await client.changes(since);
          if (read === 'expired') {
            since = undefined;
            return pull();
          }
          if (stop.signal.aborted) return;
          begin();
          if (since === undefined) truncate();
          for (const change of read.changes) {
            if ('deleted' in change) write({ type: 'delete', key: change.id });
            else write({ type: 'update', value: change });
          }
          void commit(); // Do not wait: it takes effect when the write that waits for it ends.
          markReady();
          since = read.next;
          position = read.position;
        }

        /** Reads changes, one call at a time, until the collection contains the write at a position. */
        reach = async (target) => {
          while (!stop.signal.aborted) {
            pulls = pulls.catch(() => {}).then(pull);
            const failed = await pulls.catch(() => true);
            if (failed) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
            else if (position >= target) return;
          }
        };

        void reach(0);
        void client.watch(() => void reach(0), stop.signal);
        return () => stop.abort();
      },
    },
  };
}
