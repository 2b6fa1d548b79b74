import type { Clock } from '../../application/ports/clock.ts';
import { IDEMPOTENCY_KEY_HOURS, type IdempotencyKey } from '../../domain/idempotency-key.ts';
import type { Instant } from '../../domain/instant.ts';
import type { Task, TaskRef } from '../../domain/task.ts';
import { DELETIONS_KEPT_DAYS, type DeletedTask, type TasksState } from '../../domain/task-changes.ts';
import type { UserId } from '../../domain/user-id.ts';

/** What is stored of one owner. */
export class InMemoryStore {
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

  get state(): TasksState | undefined {
    return this.startedAt && { startedAt: this.startedAt, position: this.lastPosition };
  }

  find(ref: TaskRef): Task | undefined {
    return this.tasks.find((task) => ('id' in ref ? task.id === ref.id : task.number === ref.number));
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

  /** Forgets everything. */
  clear(): void {
    this.tasks = [];
    this.lastNumber = 0;
    this.lastPosition = 0;
    this.startedAt = undefined;
    this.deletions = [];
    this.forgottenPosition = 0;
    this.created.clear();
  }
}

const MS_PER_HOUR = 3_600_000;

function hoursSince(then: Instant, now: Instant): number {
  return (Date.parse(now) - Date.parse(then)) / MS_PER_HOUR;
}
