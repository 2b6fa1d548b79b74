import type { Description } from './description.ts';
import type { Instant } from './instant.ts';
import type { Task } from './task.ts';
import type { Title } from './title.ts';

/** The description goes away. */
export const cleared = Symbol('cleared');
/** Completion becomes the opposite of what it is. */
export const toggled = Symbol('toggled');

/**
 * What is to become of a task, as a value; an absent field stays as it is. The in-memory adapter applies it with
 * `changed`, the PostgreSQL adapter says it in one UPDATE: nothing reads a task in order to write it back.
 */
export interface TaskChange {
  readonly title?: Title | undefined;
  readonly description?: Description | typeof cleared | undefined;
  readonly completed?: boolean | typeof toggled | undefined;
}

/** Whether nothing was asked for. Such a change is no update: it leaves `updatedAt` and `version` alone. */
export function changesNothing({ title, description, completed }: TaskChange): boolean {
  return title === undefined && description === undefined && completed === undefined;
}

/** The meaning of a change. Values equal to the old ones are an update all the same. */
export function changed(task: Task, change: TaskChange, at: Instant): Task {
  if (changesNothing(change)) return task;
  return {
    ...task,
    title: change.title ?? task.title,
    description: change.description === cleared ? undefined : (change.description ?? task.description),
    completed: change.completed === toggled ? !task.completed : (change.completed ?? task.completed),
    updatedAt: at > task.updatedAt ? at : task.updatedAt,
    version: task.version + 1,
  };
}
