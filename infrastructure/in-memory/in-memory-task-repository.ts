import type { Clock } from '../../application/ports/clock.ts';
import type { Erased, OwnedTasks, TaskBatch, TaskRepository } from '../../application/ports/task-repository.ts';
import type { Task, TaskQuery, TaskRef } from '../../domain/task.ts';
import { applyChange } from '../../domain/task-change.ts';
import { TaskNumber } from '../../domain/task-number.ts';
import { RECENT_MAX, type TaskStatistics } from '../../domain/task-statistics.ts';
import type { TaskWrite, Written } from '../../domain/task-write.ts';
import type { UserId } from '../../domain/user-id.ts';

/** The most tasks of a batch. */
const BATCH_SIZE = 500;

/** Keeps tasks in the memory of the process, for tests and for programs without a database. */
export class InMemoryTaskRepository implements TaskRepository {
  private readonly owners = new Map<UserId, OwnedTasks>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  ownedBy(owner: UserId): OwnedTasks {
    const known = this.owners.get(owner);
    if (known !== undefined) return known;
    const tasks = new InMemoryTasks(owner, this.clock);
    this.owners.set(owner, tasks);
    return tasks;
  }
}

/** Every method is atomic, because none uses `await`. */
class InMemoryTasks implements OwnedTasks {
  /** The oldest task first, which is also the order of the numbers. */
  tasks: readonly Task[] = [];
  lastNumber = 0;

  constructor(
    readonly owner: UserId,
    readonly clock: Pick<Clock, 'now'>,
  ) {}

  async find(ref: TaskRef): Promise<Task | undefined> {
    return this.tasks.find(matches(ref));
  }

  async *list({ completed, order }: TaskQuery): AsyncGenerator<TaskBatch> {
    const listed = this.tasks.filter((task) => completed === undefined || task.completed === completed).reverse();
    if (order === 'title') listed.sort(byTitle);
    for (let start = 0; start === 0 || start < listed.length; start += BATCH_SIZE) {
      const end = start + BATCH_SIZE;
      yield { tasks: listed.slice(start, end), isLast: end >= listed.length };
    }
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
    return erased;
  }
}

type Apply<Kind extends TaskWrite['kind']> = (store: InMemoryTasks, write: TaskWrite<Kind>) => Written<Kind>;

const WRITES: { readonly [Kind in TaskWrite['kind']]: Apply<Kind> } = {
  create(store, { id, details }) {
    store.lastNumber += 1;
    const now = store.clock.now();
    const task: Task = {
      ...details,
      owner: store.owner,
      id,
      number: TaskNumber(store.lastNumber),
      completed: false,
      createdAt: now,
      updatedAt: now,
      version: 1,
    };
    store.tasks = [...store.tasks, task];
    return { outcome: 'done', task };
  },

  change(store, { task: ref, change }) {
    const before = store.tasks.find(matches(ref));
    if (before === undefined) return { outcome: 'absent' };
    const task = applyChange(before, change, store.clock.now());
    store.tasks = store.tasks.map((other) => (other === before ? task : other));
    return { outcome: 'done', task };
  },

  remove(store, { task: ref }) {
    const kept = store.tasks.filter((task) => !matches(ref)(task));
    const outcome = kept.length < store.tasks.length ? 'done' : 'absent';
    store.tasks = kept;
    return { outcome };
  },
};

const matches = (ref: TaskRef) => (task: Task) => ('id' in ref ? task.id === ref.id : task.number === ref.number);

/** Instants sort as text. */
const byLatestChange = (a: Task, b: Task) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0);

/**
 * The order of PostgreSQL's `und-x-icu`, by which the other adapter sorts: titles that the collation finds equal are
 * sorted by code point. Array.sort is stable, so equal titles stay newest first.
 */
function byTitle(a: Task, b: Task): number {
  const [first, second] = [sortedText(a), sortedText(b)];
  return rootCollation.compare(first, second) || Buffer.compare(Buffer.from(first), Buffer.from(second));
}

/** The text that is compared: two spellings of the same characters, and letters of either case, are equal. */
const sortedText = ({ title }: Task) => title.normalize('NFD').toLowerCase();

/** The locale `und` would be the language of the system. English has the order of the root. */
const rootCollation = new Intl.Collator('en');
