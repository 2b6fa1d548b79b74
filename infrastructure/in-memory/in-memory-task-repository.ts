import type { Clock } from '../../application/ports/clock.ts';
import type { Erased, OwnedTasks, TaskRepository } from '../../application/ports/task-repository.ts';
import type { Task, TaskQuery, TaskRef } from '../../domain/task.ts';
import { applyChange } from '../../domain/task-change.ts';
import { TaskNumber } from '../../domain/task-number.ts';
import type { TaskWrite, Written } from '../../domain/task-write.ts';
import type { UserId } from '../../domain/user-id.ts';

/** Keeps tasks for as long as the process lives: for tests, and for programs that want no database. */
export class InMemoryTaskRepository implements TaskRepository {
  private readonly owners = new Map<UserId, OwnedTasks>();

  constructor(private readonly clock: Clock) {}

  ownedBy(owner: UserId): OwnedTasks {
    const known = this.owners.get(owner);
    if (known !== undefined) return known;
    const tasks = new InMemoryTasks(owner, this.clock);
    this.owners.set(owner, tasks);
    return tasks;
  }
}

/** No method awaits between its look at the tasks and its change of them: that makes each one atomic. */
class InMemoryTasks implements OwnedTasks {
  /** Oldest first, which is also by number. */
  private tasks: readonly Task[] = [];
  private lastNumber = 0;
  private readonly writes: { readonly [Kind in TaskWrite['kind']]: WriteMethod<Kind> } = {
    create: (write) => this.create(write),
    change: (write) => this.change(write),
    remove: (write) => this.remove(write),
  };

  constructor(
    private readonly owner: UserId,
    private readonly clock: Clock,
  ) {}

  async find(ref: TaskRef): Promise<Task | undefined> {
    return this.tasks.find(matches(ref));
  }

  async list({ completed, order }: TaskQuery): Promise<readonly Task[]> {
    const newestFirst = this.tasks.filter((task) => completed === undefined || task.completed === completed).reverse();
    return order === 'newest' ? newestFirst : newestFirst.sort(byTitle);
  }

  async write<Kind extends TaskWrite['kind']>(write: TaskWrite<Kind>): Promise<Written<Kind>> {
    const apply: WriteMethod<Kind> = this.writes[write.kind];
    return apply(write);
  }

  async removeAll(): Promise<Erased> {
    const erased = { tasks: this.tasks.length, lastNumber: this.lastNumber || undefined };
    this.tasks = [];
    this.lastNumber = 0;
    return erased;
  }

  private create({ id, details }: TaskWrite<'create'>): Written<'create'> {
    this.lastNumber += 1;
    const now = this.clock.now();
    const task: Task = {
      ...details,
      owner: this.owner,
      id,
      number: TaskNumber(this.lastNumber),
      completed: false,
      createdAt: now,
      updatedAt: now,
      version: 1,
    };
    this.tasks = [...this.tasks, task];
    return { outcome: 'done', task };
  }

  private change({ task: ref, change }: TaskWrite<'change'>): Written<'change'> {
    const before = this.tasks.find(matches(ref));
    if (before === undefined) return { outcome: 'absent' };
    const task = applyChange(before, change, this.clock.now());
    this.tasks = this.tasks.map((other) => (other === before ? task : other));
    return { outcome: 'done', task };
  }

  private remove({ task: ref }: TaskWrite<'remove'>): Written<'remove'> {
    const before = this.tasks.length;
    this.tasks = this.tasks.filter((task) => !matches(ref)(task));
    return { outcome: this.tasks.length < before ? 'done' : 'absent' };
  }
}

const matches = (ref: TaskRef) => (task: Task) => ('id' in ref ? task.id === ref.id : task.number === ref.number);

/** Stable, so that equal titles stay newest first. */
const byTitle = (a: Task, b: Task) => alphabet.compare(a.title.toLowerCase(), b.title.toLowerCase());
const alphabet = new Intl.Collator('und');

type WriteMethod<Kind extends TaskWrite['kind']> = (write: TaskWrite<Kind>) => Written<Kind>;
