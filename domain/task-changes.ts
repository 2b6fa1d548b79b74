import type { Instant } from './instant.ts';
import type { Task } from './task.ts';
import type { TaskId } from './task-id.ts';
import type { TaskNumber } from './task-number.ts';

/** How long deletions are remembered, in days. */
export const DELETIONS_KEPT_DAYS = 30;

/** The state of all tasks of a user. It differs after every write. */
export interface TasksState {
  /** When the user's first task was created, or the first one since the user's data was erased. */
  readonly startedAt: Instant;
  /** The position of the user's last write. */
  readonly position: number;
}

/** How far a reader has followed the writes of a user. */
export interface Checkpoint extends TasksState {
  /** The number of the last task that was read. Tasks older than the positions share the position 0. */
  readonly number: number;
  /** The position of the user's last write when the reader began. It knows no task that was deleted before. */
  readonly beganAt: number;
}

/** A task that was deleted. */
export interface DeletedTask {
  readonly id: TaskId;
  readonly number: TaskNumber;
  readonly position: number;
}

/** What happened to a task: its present state, or its deletion. */
export type ChangedTask = { readonly task: Task } | { readonly deleted: DeletedTask };

/** The changes after a checkpoint, in the order of their positions. Each task occurs once, with its latest change. */
export interface TaskChanges {
  readonly changes: readonly ChangedTask[];
  /** Where to go on. `undefined`: the user has never had a task. */
  readonly next: Checkpoint | undefined;
  /** Whether there are more changes at this moment. */
  readonly more: boolean;
}

/** The position of a change. */
export function positionOf(changed: ChangedTask): number {
  return 'task' in changed ? changed.task.position : changed.deleted.position;
}

/**
 * Whether changes after a checkpoint may be missing: deletions after it are forgotten, or it is not one of this store. A
 * checkpoint ahead of the store is from before a restore.
 *
 * @param forgotten the deletions up to this position are no longer stored
 */
export function isExpired(after: Checkpoint, { startedAt, position }: TasksState, forgotten: number): boolean {
  return after.startedAt !== startedAt || after.position > position || forgotten > knownUpTo(after);
}

/** A reader does not need the deletions up to this position. */
export function knownUpTo({ position, beganAt }: Pick<Checkpoint, 'position' | 'beganAt'>): number {
  return Math.max(position, beganAt);
}
