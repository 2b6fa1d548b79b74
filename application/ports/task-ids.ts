import type { TaskId } from '../../domain/task-id.ts';

/** The source of the ids of new tasks. */
export interface TaskIds {
  /** A new UUID of version 7. It sorts after every id that this source returned before. */
  next(): TaskId;
}
