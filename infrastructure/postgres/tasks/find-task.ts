import type { Task, TaskRef } from '../../../domain/task.ts';
import type { OwnerStatements } from './owner-statements.ts';
import { taskFromRow } from './task-columns.ts';
import { FIND_TASK, keyed, keyOf } from './task-statements.ts';

/** Reads a task by either of its ids. */
export async function findTask(statements: OwnerStatements, ref: TaskRef): Promise<Task | undefined> {
  const [row] = await statements.run(keyed(FIND_TASK, ref), keyOf(ref));
  return row && taskFromRow(statements.owner, row);
}
