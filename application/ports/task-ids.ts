import type { TaskId } from '../../domain/task-id.ts';

/** Where the ids of new tasks come from. */
export interface TaskIds {
  /** An id never given before, later in order than those given earlier (a UUID of version 7). */
  next(): TaskId;
}
