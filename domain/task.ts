import type { Description } from './description.ts';
import type { Instant } from './instant.ts';
import type { SearchWords } from './search-words.ts';
import type { TaskId } from './task-id.ts';
import type { TaskNumber } from './task-number.ts';
import type { Title } from './title.ts';
import type { UserId } from './user-id.ts';

/** The fields that the owner of a task fills in. Declare a new one here: each ring must then handle it to compile. */
export interface TaskDetails {
  readonly title: Title;
  readonly description: Description | undefined;
}

/** Something that its owner wants to get done. Immutable: a change makes a new value (see task-change.ts). */
export interface Task extends TaskDetails {
  readonly owner: UserId;
  readonly id: TaskId;
  readonly number: TaskNumber;
  readonly completed: boolean;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** 1 for a new task. Every change adds one. */
  readonly version: number;
  /** The position of its last write in the sequence of its owner's writes: 1, 2, 3 … in the order of their commits. */
  readonly position: number;
}

/** Identifies one of an owner's tasks by either of its two ids. */
export type TaskRef = { readonly id: TaskId } | { readonly number: TaskNumber };

/** Selects and orders an owner's tasks. */
export interface TaskQuery {
  /** `true`: completed tasks only. `false`: pending tasks only. Absent: both. */
  readonly completed?: boolean | undefined;
  /** Tasks whose title and description have all of these words, or words that begin with them. Absent: all tasks. */
  readonly search?: SearchWords | undefined;
  /** `newest`: latest creation first. `title`: A–Z, ignoring letter case; equal titles newest first. */
  readonly order: 'newest' | 'title';
  /** Whether to count all tasks that match, too. */
  readonly counted?: boolean | undefined;
}

/** Whether a task has the completion that a query selects. */
export function hasCompletion(task: Pick<Task, 'completed'>, { completed }: TaskQuery): boolean {
  return completed === undefined || task.completed === completed;
}

/**
 * Makes a task of stored values. It does not check them: they passed their constructors before they were stored, and
 * checks would slow down long lists.
 */
export function rehydrate(
  stored: {
    readonly [Field in keyof Task]: Task[Field] extends number
      ? number
      : Task[Field] extends boolean
        ? boolean
        : undefined extends Task[Field]
          ? string | undefined
          : string;
  },
): Task {
  return stored as Task;
}
