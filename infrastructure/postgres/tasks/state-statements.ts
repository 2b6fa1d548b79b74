import type { TasksState } from '../../../domain/task-changes.ts';
import { RECENT_MAX } from '../../../domain/task-statistics.ts';
import type { Statement, TextRow } from '../connection/statement.ts';
import { NEWEST_FIRST } from './list-statements.ts';
import { instantOf, microsOf, STORED_COLUMNS, TASK_COLUMNS } from './task-columns.ts';

/** The last position of a user, and when their positions began, in microseconds. No row: the user never had a task. */
export const READ_STATE: Statement = {
  name: 'taskwell_read_state',
  text: `select last_position, ${microsOf('started_at')} from task_counters where user_id = $1`,
  reads: true,
};

/** The state in the rows of `READ_STATE`. */
export function stateIn(rows: readonly TextRow[] | undefined): TasksState | undefined {
  const [row] = rows ?? [];
  return row && { position: Number(row[0]), startedAt: instantOf(row[1]) };
}

const LATEST_CHANGE_FIRST = `updated_at desc, ${NEWEST_FIRST}`;

/** The tasks that changed last, as `TASK_COLUMNS`, each with the number of all tasks and of the completed ones. */
export const READ_STATISTICS: Statement = {
  name: 'taskwell_read_statistics',
  text: `
    select ${TASK_COLUMNS}, total, done
    from (
      select ${STORED_COLUMNS} from tasks where user_id = $1 order by ${LATEST_CHANGE_FIRST} limit ${RECENT_MAX}
    ) as recent
    cross join (select count(*) as total, count(*) filter (where completed) as done from tasks where user_id = $1) as counts
    order by ${LATEST_CHANGE_FIRST}`,
  reads: true,
  slow: true,
};
