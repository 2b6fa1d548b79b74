import type { IdempotencyKey } from './idempotency-key.ts';
import type { Precondition } from './revision.ts';
import type { Task, TaskDetails, TaskRef } from './task.ts';
import type { TaskChange } from './task-change.ts';
import type { TaskId } from './task-id.ts';

/** The contents of each kind of write. */
interface Writes {
  /**
   * A pending task. The store assigns the number (the owner's last number plus one), the position and the timestamps.
   * With a key that a create used in the last 24 hours, nothing is written.
   */
  readonly create: { readonly id: TaskId; readonly details: TaskDetails; readonly once?: IdempotencyKey | undefined };
  /** The store has to do the same as `applyChange`. */
  readonly change: { readonly task: TaskRef; readonly change: TaskChange; readonly if?: Precondition | undefined };
  readonly remove: { readonly task: TaskRef; readonly if?: Precondition | undefined };
}

/** The possible outcomes of each kind of write. A caller has to check `outcome` before it can read the task. */
interface Outcomes {
  readonly create: { readonly outcome: 'done' | 'replayed'; readonly task: Task } | KeyReused;
  readonly change: { readonly outcome: 'done'; readonly task: Task } | NotWritten;
  readonly remove: { readonly outcome: 'done'; readonly position: number } | NotWritten;
}

/** The owner has no such task, or it does not meet the precondition. */
interface NotWritten {
  readonly outcome: 'absent' | 'stale';
}

/** The key belongs to a create with other details. With the same details, the outcome is the task as it was created. */
interface KeyReused {
  readonly outcome: 'key reused';
}

/** What is to happen to one owner's tasks, as a value. A store applies it in one transaction. */
export type TaskWrite<Kind extends keyof Writes = keyof Writes> = {
  [K in Kind]: { readonly kind: K } & Writes[K];
}[Kind];

/** The result of a write. */
export type Written<Kind extends keyof Writes = keyof Writes> = Outcomes[Kind];
