import type { Task, TaskDetails, TaskRef } from './task.ts';
import type { TaskChange } from './task-change.ts';
import type { TaskId } from './task-id.ts';

/** The contents of each kind of write. Preconditions and idempotency keys become fields here. */
interface Writes {
  /** A pending task. The store assigns the number (the owner's last number plus one) and the timestamps. */
  readonly create: { readonly id: TaskId; readonly details: TaskDetails };
  /** The store has to do the same as `applyChange`. */
  readonly change: { readonly task: TaskRef; readonly change: TaskChange };
  readonly remove: { readonly task: TaskRef };
}

/** The possible outcomes of each kind of write. A caller has to check `outcome` before it can read the task. */
interface Outcomes {
  readonly create: { readonly outcome: 'done'; readonly task: Task };
  readonly change: { readonly outcome: 'done'; readonly task: Task } | Absent;
  readonly remove: { readonly outcome: 'done' } | Absent;
}

/** The owner has no such task, and nothing was written. */
interface Absent {
  readonly outcome: 'absent';
}

/** What is to happen to one owner's tasks, as a value. A store applies it in one transaction. */
export type TaskWrite<Kind extends keyof Writes = keyof Writes> = {
  [K in Kind]: { readonly kind: K } & Writes[K];
}[Kind];

/** The result of a write. */
export type Written<Kind extends keyof Writes = keyof Writes> = Outcomes[Kind];
