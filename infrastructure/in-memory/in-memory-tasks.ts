import type { Clock } from '../../application/ports/clock.ts';
import type { Erased, OwnedTasks, TaskBatch, TaskPage } from '../../application/ports/task-repository.ts';
import { IDEMPOTENCY_KEY_HOURS, type IdempotencyKey } from '../../domain/idempotency-key.ts';
import type { Instant } from '../../domain/instant.ts';
import type { ListCursor } from '../../domain/list-cursor.ts';
import { occurIn } from '../../domain/search-words.ts';
import type { Task, TaskQuery, TaskRef } from '../../domain/task.ts';
import {
  type ChangedTask,
  type Checkpoint,
  DELETIONS_KEPT_DAYS,
  type DeletedTask,
  positionOf,
  type TaskChanges,
  type TasksState,
} from '../../domain/task-changes.ts';
import { RECENT_MAX, type TaskStatistics } from '../../domain/task-statistics.ts';
import type { TaskWrite, Written } from '../../domain/task-write.ts';
import type { UserId } from '../../domain/user-id.ts';
import { type Apply, WRITES } from './in-memory-writes.ts';
import { byLatestChange, ORDERS } from './task-orders.ts';

/** The most tasks of a batch. */
const BATCH_SIZE = 500;

/** The tasks of one owner. Every method is atomic, because none uses `await`. */
export class InMemoryTasks implements OwnedTasks {
  /** The oldest task first, which is also the order of the numbers. */
  tasks: readonly Task[] = [];
  lastNumber = 0;
  lastPosition = 0;
  /** When the positions began. */
  startedAt: Instant | undefined;
  deletions: readonly (DeletedTask & { readonly at: Instant })[] = [];
  /** The deletions up to this position are forgotten. */
  forgottenPosition = 0;
  /** The tasks as they were created, by the keys of their creates. */
  readonly created = new Map<IdempotencyKey, Task>();

  constructor(
    readonly owner: UserId,
    readonly clock: Pick<Clock, 'now'>,
  ) {}

  async find(ref: TaskRef): Promise<Task | undefined> {
    return this.tasks.find(matches(ref));
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
    return this.presentState;
  }

  async changes(after: Checkpoint | undefined, limit: number): Promise<TaskChanges | 'expired'> {
    const { startedAt, lastPosition } = this;
    if (startedAt === undefined) return after ? 'expired' : { changes: [], next: undefined, more: false };
    const { position, beganAt } = after ?? { position: -1, beganAt: lastPosition };
    const knownUpTo = Math.max(position, beganAt);
    if (after && (after.startedAt !== startedAt || position > lastPosition)) return 'expired';
    if (after && this.forgottenPosition > knownUpTo) return 'expired';
    const changed: readonly ChangedTask[] = [
      ...this.tasks.filter((task) => task.position > position).map((task) => ({ task })),
      ...this.deletions
        .filter((deletion) => deletion.position > knownUpTo)
        .map(({ at: _, ...deleted }) => ({ deleted })),
    ].sort((a, b) => positionOf(a) - positionOf(b));
    const changes = changed.slice(0, limit);
    const more = changes.length < changed.length;
    const [last] = changes.slice(-1);
    const reached = more && last ? positionOf(last) : lastPosition;
    return { changes, next: { startedAt, beganAt, position: reached, number: 0 }, more };
  }

  async statistics(): Promise<TaskStatistics> {
    const { tasks } = this;
    return {
      total: tasks.length,
      completed: tasks.filter(({ completed }) => completed).length,
      recent: tasks.toReversed().sort(byLatestChange).slice(0, RECENT_MAX),
    };
  }

  async write<Kind extends TaskWrite['kind']>(write: TaskWrite<Kind>): Promise<Written<Kind>> {
    const apply: Apply<Kind> = WRITES[write.kind];
    return apply(this, write);
  }

  async removeAll(): Promise<Erased> {
    const erased = { tasks: this.tasks.length, lastNumber: this.lastNumber || undefined };
    this.tasks = [];
    this.lastNumber = 0;
    this.lastPosition = 0;
    this.startedAt = undefined;
    this.deletions = [];
    this.forgottenPosition = 0;
    this.created.clear();
    return erased;
  }

  nextPosition(): number {
    this.lastPosition += 1;
    return this.lastPosition;
  }

  /** The task of a create that used the key in the last hours. */
  createdWith(key: IdempotencyKey): Task | undefined {
    for (const [old, { createdAt }] of this.created) {
      if (hoursSince(createdAt, this.clock.now()) < IDEMPOTENCY_KEY_HOURS) break;
      this.created.delete(old);
    }
    return this.created.get(key);
  }

  recordDeletion({ id, number }: Task): number {
    const at = this.clock.now();
    const position = this.nextPosition();
    const isOld = (deletion: { readonly at: Instant }) => hoursSince(deletion.at, at) >= DELETIONS_KEPT_DAYS * 24;
    this.forgottenPosition = this.deletions.findLast(isOld)?.position ?? this.forgottenPosition;
    this.deletions = [...this.deletions.filter((deletion) => !isOld(deletion)), { id, number, position, at }];
    return position;
  }

  private matching({ completed, search, order }: TaskQuery): readonly Task[] {
    return this.tasks
      .filter((task) => completed === undefined || task.completed === completed)
      .filter(({ title, description = '' }) => search === undefined || occurIn([title, description], search))
      .sort(ORDERS[order]);
  }

  private opened({ counted }: TaskQuery, matching: readonly Task[]) {
    return { state: this.presentState, total: counted ? matching.length : undefined };
  }

  private get presentState(): TasksState | undefined {
    return this.startedAt && { startedAt: this.startedAt, position: this.lastPosition };
  }
}

/** Finds a task by either of its ids. */
export const matches = (ref: TaskRef) => (task: Task) =>
  'id' in ref ? task.id === ref.id : task.number === ref.number;

const MS_PER_HOUR = 3_600_000;

function hoursSince(then: Instant, now: Instant): number {
  return (Date.parse(now) - Date.parse(then)) / MS_PER_HOUR;
}
