import type { Instant } from './instant.ts';
import type { TaskNumber } from './task-number.ts';

/** A place in a list: behind a task, which may be deleted or renamed since. */
export interface ListCursor {
  readonly createdAt: Instant;
  readonly number: TaskNumber;
  /** The title that the task had in the list. Only a list in the order of the titles needs it. */
  readonly title?: string | undefined;
}
