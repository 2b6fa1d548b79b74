import type { Description } from './description.ts';
import type { Instant } from './instant.ts';
import type { TaskId } from './task-id.ts';
import type { TaskNumber } from './task-number.ts';
import type { Title } from './title.ts';
import type { UserId } from './user-id.ts';

/** The fields that the owner of a task fills in. A new one is declared here; then each ring must handle it to compile. */
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
}

/** A task has two ids within its owner, and either of them identifies it. */
export type TaskRef = { readonly id: TaskId } | { readonly number: TaskNumber };

/** Selects and orders an owner's tasks. */
export interface TaskQuery {
  /** `true`: completed tasks only. `false`: pending tasks only. Absent: both. */
  readonly completed?: boolean | undefined;
  /** `newest`: latest creation first. `title`: A–Z, ignoring letter case; equal titles newest first. */
  readonly order: 'newest' | 'title';
}

/**
 * Makes a task of stored values. They passed their constructors before they were stored, so they are not checked again:
 * a list of a thousand tasks would cost a thousand checks.
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
