import type { Description } from './description.ts';
import type { Instant } from './instant.ts';
import type { TaskId } from './task-id.ts';
import type { TaskNumber } from './task-number.ts';
import type { Title } from './title.ts';
import type { UserId } from './user-id.ts';

/** Something that its owner wants to get done. Immutable: a change makes a new value (see task-change.ts). */
export interface Task {
  readonly owner: UserId;
  readonly id: TaskId;
  readonly number: TaskNumber;
  readonly title: Title;
  readonly description: Description | undefined;
  readonly completed: boolean;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** 1 for a new task, one more with every change. */
  readonly version: number;
}

/** What its maker decides about a task; a store adds the rest. */
export type NewTask = Pick<Task, 'id' | 'title' | 'description'>;

/** A task goes by two names within its owner, and either of them finds it. */
export type TaskRef = { readonly id: TaskId } | { readonly number: TaskNumber };

/** Which of an owner's tasks, and in what order. */
export interface TaskQuery {
  /** Only tasks that are completed, or only those that are not; both where absent. */
  readonly completed?: boolean | undefined;
  /** `newest`: latest creation first. `title`: A–Z without regard to letter case, the newest of equal titles first. */
  readonly order: 'newest' | 'title';
}

/**
 * A task as a store kept it. Its values passed their constructors on the way in and are not checked again: a list of
 * a thousand tasks should not cost a thousand checks.
 */
export function restored(
  kept: {
    readonly [Field in keyof Task]: Task[Field] extends number
      ? number
      : Task[Field] extends boolean
        ? boolean
        : undefined extends Task[Field]
          ? string | undefined
          : string;
  },
): Task {
  return kept as Task;
}
