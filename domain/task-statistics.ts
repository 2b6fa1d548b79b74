import type { Task } from './task.ts';

/** The number of tasks in `recent`, unless the owner has fewer. */
export const RECENT_MAX = 5;

/** An owner's tasks in numbers. */
export interface TaskStatistics {
  readonly total: number;
  readonly completed: number;
  /** The tasks that changed last, latest change first. Of tasks that changed at the same time, the newest is first. */
  readonly recent: readonly Task[];
}
