import type { NewTask, Task, TaskQuery, TaskRef } from '../../domain/task.ts';
import type { TaskChange } from '../../domain/task-change.ts';
import type { UserId } from '../../domain/user-id.ts';

/** The only way to a task is through its owner, so a query across users cannot be written. */
export interface TaskRepository {
  ownedBy(owner: UserId): OwnedTasks;
}

/**
 * One owner's tasks. Every method is one atomic step: calls at the same time have the outcome of some order of them.
 * Every method throws `Unavailable` while the store is out of reach.
 */
export interface OwnedTasks {
  /**
   * Gives the task its number, one more than the owner's last, and its timestamps.
   *
   * @throws Unauthenticated where the store knows of its users, and that this one is gone
   */
  add(task: NewTask): Promise<Task>;
  find(task: TaskRef): Promise<Task | undefined>;
  /** All that match, never cut. */
  list(query: TaskQuery): Promise<readonly Task[]>;
  /** Does to the stored task what `changed` says. `undefined` where there is no such task. */
  change(task: TaskRef, change: TaskChange): Promise<Task | undefined>;
  /** Whether there was such a task. */
  remove(task: TaskRef): Promise<boolean>;
  /** Forgets the owner: every task, and the last number, so that a later task would be number 1 again. */
  removeAll(): Promise<Erased>;
}

/** What there was of an owner. */
export interface Erased {
  readonly tasks: number;
  /** The last number that a task was given; `undefined` where none ever was. */
  readonly lastNumber: number | undefined;
}
