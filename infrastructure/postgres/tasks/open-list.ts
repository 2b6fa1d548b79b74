import type { TaskBatch } from '../../../application/ports/task-repository.ts';
import type { TaskQuery } from '../../../domain/task.ts';
import type { TextRow } from '../connection/statement.ts';
import type { OwnerStatement, OwnerStatements } from './owner-statements.ts';
import { countStatement } from './page-statements.ts';
import { READ_STATE, stateIn } from './state-statements.ts';

/**
 * Runs the first statement of a list in one round trip with what else its first part has. The state is read before the
 * tasks, so that a client with this state never misses a change.
 */
export async function openList(
  statements: OwnerStatements,
  query: TaskQuery,
  first: OwnerStatement,
): Promise<{ readonly rows: readonly TextRow[]; readonly opened: Pick<TaskBatch, 'state' | 'total'> }> {
  const counting = query.counted ? [countStatement(query)] : [];
  const [state, listed, counted] = await statements.runGroup([[READ_STATE], first, ...counting]);
  const total = counted && Number(counted.rows[0]?.[0]);
  return { rows: listed?.rows ?? [], opened: { state: stateIn(state?.rows), total } };
}
