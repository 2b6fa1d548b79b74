import type { ListCursor } from '../../domain/list-cursor.ts';
import type { Task, TaskQuery, TaskRef } from '../../domain/task.ts';
import type { Checkpoint, TaskChanges, TasksState } from '../../domain/task-changes.ts';
import type { TaskStatistics } from '../../domain/task-statistics.ts';
import type { TaskWrite, Written } from '../../domain/task-write.ts';
import type { UserId } from '../../domain/user-id.ts';

/** The only way to a task is through its owner, so a query across users cannot be written. */
export interface TaskRepository {
  ownedBy(owner: UserId): OwnedTasks;
}

/**
 * One owner's tasks. Every method but `list` is atomic: concurrent calls have the same effect as calls in some order.
 * Every method throws `Unavailable` while the store is out of reach.
 */
export interface OwnedTasks {
  /** `undefined` if the owner has no such task. */
  find(task: TaskRef): Promise<Task | undefined>;
  /**
   * Every task that matches, in batches of bounded size; the list is never truncated. There is at least one batch. A task
   * that matches from the first batch to the last one occurs exactly once; one that changes in between may be missing.
   *
   * Nothing is held between two batches, neither a connection nor a transaction, because the caller may read slowly or
   * stop at any batch.
   */
  list(query: TaskQuery): AsyncIterable<TaskBatch>;
  /**
   * A part of the same list. A reader that goes on at `next` until there is none sees every task that matches and keeps its
   * place exactly once, whatever happens to other tasks meanwhile.
   *
   * @param limit how many tasks to return at most. Long texts can make them fewer
   * @param after where to begin. `undefined`: at the beginning
   */
  page(query: TaskQuery, limit: number, after?: ListCursor): Promise<TaskPage>;
  /** All numbers and tasks are of the same moment. */
  statistics(): Promise<TaskStatistics>;
  /** `undefined` if the owner has never had a task. */
  state(): Promise<TasksState | undefined>;
  /**
   * What changed after a checkpoint; without one, every task. A reader that goes on at `next` until there is no more misses
   * nothing: it then knows the tasks as they were at some moment after its last call.
   *
   * @param limit how many changes to return at most. Long texts can make them fewer, but at least one if there are any
   * @returns `expired` if deletions after the checkpoint are forgotten, or the owner's data was erased
   */
  changes(after: Checkpoint | undefined, limit: number): Promise<TaskChanges | 'expired'>;
  /**
   * Applies a write completely or not at all.
   *
   * @throws Unauthenticated for a create, if the store knows its users and this one no longer exists
   */
  write<Kind extends TaskWrite['kind']>(write: TaskWrite<Kind>): Promise<Written<Kind>>;
  /** Deletes every task and the last number, so that the next task is number 1 again. */
  removeAll(): Promise<Erased>;
}

/** A part of a list. */
interface ListPart {
  readonly tasks: readonly Task[];
  /** The state of the owner's tasks, or an earlier one. `undefined` as in `OwnedTasks.state`. */
  readonly state?: TasksState | undefined;
  /** The number of all tasks that match, if the query asks for it. */
  readonly total?: number | undefined;
}

/** A part of a whole list. The first batch has the state and the total. */
export interface TaskBatch extends ListPart {
  /** Whether the list ends with this batch. */
  readonly isLast: boolean;
}

/** A part of a list that is read page by page. */
export interface TaskPage extends ListPart {
  /** Where to go on. `undefined`: the list ends here. */
  readonly next: ListCursor | undefined;
}

/** The data of an owner that was deleted. */
export interface Erased {
  readonly tasks: number;
  /** The highest task number ever assigned; `undefined` if there was none. */
  readonly lastNumber: number | undefined;
}
