import type { Clock } from '../../application/ports/clock.ts';
import type { Erased, OwnedTasks, TaskBatch, TaskPage } from '../../application/ports/task-repository.ts';
import type { ListCursor } from '../../domain/list-cursor.ts';
import { occurIn } from '../../domain/search-words.ts';
import { hasCompletion, type Task, type TaskQuery, type TaskRef } from '../../domain/task.ts';
import {
  type ChangedTask,
  type Checkpoint,
  isExpired,
  knownUpTo,
  positionOf,
  type TaskChanges,
  type TasksState,
} from '../../domain/task-changes.ts';
import { RECENT_MAX, type TaskStatistics } from '../../domain/task-statistics.ts';
import type { TaskWrite, Written } from '../../domain/task-write.ts';
import type { UserId } from '../../domain/user-id.ts';
import { InMemoryStore } from './in-memory-store.ts';
import { type Apply, WRITES } from './in-memory-writes.ts';
import { byLatestChange, ORDERS } from './task-orders.ts';

/** The most tasks of a batch. */
const BATCH_SIZE = 500;

/** The tasks of one owner. Every method is atomic, because none uses `await`. */
export class InMemoryTasks implements OwnedTasks {
  private readonly store: InMemoryStore;

  constructor(owner: UserId, clock: Pick<Clock, 'now'>) {
    this.store = new InMemoryStore(owner, clock);
  }

  async find(ref: TaskRef): Promise<Task | undefined> {
    return this.store.find(ref);
  }

  async *list(query: TaskQuery): AsyncGenerator<TaskBatch> {
    const listed = this.matching(query);
    const opened = this.opened(query, listed);
    for (let start = 0; start === 0 || start < listed.length; start += BATCH_SIZE) {
      const end = start + BATCH_SIZE;
      yield { tasks: listed.slice(start, end), isLast: end >= listed.length, ...opened };
    }
  }

  async page(query: TaskQuery, limit: number, after?: ListCursor): Promise<TaskPage> {
    const matching = this.matching(query);
    const rest = after ? matching.filter((task) => ORDERS[query.order](task, after) > 0) : matching;
    const tasks = rest.slice(0, limit);
    return { tasks, next: tasks.length < rest.length ? tasks.at(-1) : undefined, ...this.opened(query, matching) };
  }

  async state(): Promise<TasksState | undefined> {
    return this.store.state;
  }

  async changes(after: Checkpoint | undefined, limit: number): Promise<TaskChanges | 'expired'> {
    const { state, forgottenPosition, tasks, deletions } = this.store;
    if (state === undefined) return after ? 'expired' : { changes: [], next: undefined, more: false };
    if (after && isExpired(after, state, forgottenPosition)) return 'expired';
    const from = after ?? { position: -1, beganAt: state.position };
    const changed: readonly ChangedTask[] = [
      ...tasks.filter((task) => task.position > from.position).map((task) => ({ task })),
      ...deletions
        .filter((deletion) => deletion.position > knownUpTo(from))
        .map(({ at: _, ...deleted }) => ({ deleted })),
    ].sort((a, b) => positionOf(a) - positionOf(b));
    const changes = changed.slice(0, limit);
    const more = changes.length < changed.length;
    const [last] = changes.slice(-1);
    const position = more && last ? positionOf(last) : state.position;
    return { changes, next: { ...state, beganAt: from.beganAt, position, number: 0 }, more };
  }

  async statistics(): Promise<TaskStatistics> {
    const { tasks } = this.store;
    return {
      total: tasks.length,
      completed: tasks.filter(({ completed }) => completed).length,
      recent: tasks.toReversed().sort(byLatestChange).slice(0, RECENT_MAX),
    };
  }

  async write<Kind extends TaskWrite['kind']>(write: TaskWrite<Kind>): Promise<Written<Kind>> {
    const apply: Apply<Kind> = WRITES[write.kind];
    return apply(this.store, write);
  }

  async removeAll(): Promise<Erased> {
    const { tasks, lastNumber } = this.store;
    this.store.clear();
    return { tasks: tasks.length, lastNumber: lastNumber || undefined };
  }

  private matching(query: TaskQuery): readonly Task[] {
    const { search, order } = query;
    return this.store.tasks
      .filter((task) => hasCompletion(task, query))
      .filter(({ title, description = '' }) => search === undefined || occurIn([title, description], search))
      .sort(ORDERS[order]);
  }

  private opened({ counted }: TaskQuery, matching: readonly Task[]) {
    return { state: this.store.state, total: counted ? matching.length : undefined };
  }
}
