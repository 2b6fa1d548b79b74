import type { RxCollection, RxJsonSchema, RxReplicationWriteToMasterRow, WithDeleted } from 'rxdb';
import { type RxReplicationState, replicateRxCollection } from 'rxdb/plugins/replication';
import { Subject } from 'rxjs';
import {
  type Connection,
  hasSameContent,
  RequestRefused,
  type Task,
  type TaskChange,
  TasksClient,
  taskDraft,
} from './tasks-client';

/**
 * The server assigns the ids of tasks, so a task that is created here is a draft at first: its id is a UUID of the client,
 * and `created_at` is empty. The push creates the task with the draft's id as the Idempotency-Key, then removes the draft,
 * and the pull brings the task with its own id. A crash at any moment leads to neither two tasks nor none.
 */
export const taskSchema: RxJsonSchema<Task> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 36 },
    title: { type: 'string', maxLength: 500 },
    description: { type: ['string', 'null'], maxLength: 5000 },
    completed: { type: 'boolean' },
    created_at: { type: 'string' },
    updated_at: { type: 'string' },
  },
  required: ['id', 'title', 'completed'],
};

type Checkpoint = { since: string };
type Deletable = WithDeleted<Task>;

/**
 * Replicates the tasks of one user. Stop it with `cancel()`.
 *
 * @param onRefused the server does not accept a task, such as one without a title. Its last accepted state comes back
 */
export function replicateTasks(
  collection: RxCollection<Task>,
  connection: Connection,
  onRefused: (task: Task, error: RequestRefused) => void,
): RxReplicationState<Task, Checkpoint> {
  const client = new TasksClient(connection);
  const stream$ = new Subject<'RESYNC'>();

  async function pull(checkpoint: Checkpoint | undefined, batchSize: number) {
    const page = await client.changes(checkpoint?.since, batchSize);
    if (page === 'expired') return startAfresh();
    return { documents: page.changes.map(toDocument), checkpoint: { since: page.next } };
  }

  /** RxDB keeps what a pull does not mention. So the pull after a 410 returns all tasks, and deletes the others. */
  async function startAfresh() {
    const all = await client.changes(undefined);
    if (all === 'expired') throw new Error('The data of the user was erased meanwhile'); // RxDB tries again.
    const kept = new Set(all.changes.map(({ id }) => id));
    const known = await collection.find({ selector: { created_at: { $ne: '' } } }).exec();
    const gone = known.filter(({ id }) => !kept.has(id)).map(({ id }) => ({ id, deleted: true }) as const);
    return { documents: [...all.changes, ...gone].map(toDocument), checkpoint: { since: all.next } };
  }

  /** Returns the state of the server if it is not the one that was pushed. RxDB takes it over. */
  async function push({ newDocumentState: local, assumedMasterState: assumed }: RxReplicationWriteToMasterRow<Task>) {
    const removed: Deletable = { ...local, _deleted: true };
    try {
      if (assumed === undefined) {
        if (!local._deleted) await client.create(local.id, local);
        stream$.next('RESYNC');
        return removed;
      }
      const { task } = await client.write(assumed, local._deleted ? undefined : local);
      if (task === undefined) return local._deleted ? undefined : removed;
      return !local._deleted && hasSameContent(task, local) ? undefined : toDocument(task);
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error; // RxDB tries again.
      onRefused(local, error);
      return assumed ? { ...assumed, _deleted: false } : removed;
    }
  }

  async function pushAll(rows: RxReplicationWriteToMasterRow<Task>[]) {
    const states: Deletable[] = [];
    for (const row of rows) states.push(...[await push(row)].filter((state) => state !== undefined));
    return states;
  }

  const replication = replicateRxCollection<Task, Checkpoint>({
    collection,
    replicationIdentifier: `${connection.url} ${connection.userId}`,
    pull: { handler: pull, stream$, batchSize: 500 },
    push: { handler: pushAll },
  });
  const stop = new AbortController();
  replication.canceled$.subscribe((canceled) => canceled && stop.abort());
  void client.watch(() => stream$.next('RESYNC'), stop.signal);
  return replication;
}

function toDocument(change: TaskChange): Deletable {
  if ('deleted' in change) return { ...taskDraft(''), id: change.id, _deleted: true };
  const { id, title, description, completed, created_at, updated_at } = change;
  return { id, title, description, completed, created_at, updated_at, _deleted: false };
}
