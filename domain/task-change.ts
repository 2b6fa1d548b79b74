import type { Instant } from './instant.ts';
import type { Task, TaskDetails } from './task.ts';

/** Removes the value of an optional field. */
export const cleared = Symbol('cleared');
/** Flips `completed`. */
export const toggled = Symbol('toggled');

/**
 * What is to happen to a task, as a value. An absent field stays as it is. The in-memory adapter applies a change with
 * `applyChange`, the PostgreSQL adapter turns it into one UPDATE: neither reads a task to write it back.
 */
export type TaskChange = { readonly [Field in keyof TaskDetails]?: NewValue<TaskDetails[Field]> | undefined } & {
  readonly completed?: boolean | typeof toggled | undefined;
};

/** A field that may be `undefined` can also be cleared. */
type NewValue<Value> = undefined extends Value ? Exclude<Value, undefined> | typeof cleared : Value;

/** Whether a change names no field. Such a change is not an update: `updatedAt` and `version` stay as they are. */
export function changesNothing(change: TaskChange): boolean {
  return Object.values(change).every((value) => value === undefined);
}

/**
 * Applies a change. It is an update even if the new values equal the old ones. `updatedAt` never goes back.
 *
 * @param position of this write
 */
export function applyChange(task: Task, change: TaskChange, at: Instant, position: number): Task {
  if (changesNothing(change)) return task;
  // The type makes the compiler report a field that is missing here.
  const details: TaskDetails = {
    title: change.title ?? task.title,
    description: optional(task.description, change.description),
  };
  return {
    ...task,
    ...details,
    completed: change.completed === toggled ? !task.completed : (change.completed ?? task.completed),
    updatedAt: at > task.updatedAt ? at : task.updatedAt,
    version: task.version + 1,
    position,
  };
}

function optional<Value>(value: Value | undefined, change: Value | typeof cleared | undefined): Value | undefined {
  return change === cleared ? undefined : (change ?? value);
}
