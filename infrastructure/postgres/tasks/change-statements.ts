import type { Statement } from '../connection/statement.ts';
import { DELETION_COLUMNS, microsOf, PAGE_COLUMNS, STORED_COLUMNS } from './task-columns.ts';

/** The pending or the completed tasks behind a position. The index on positions begins with completion. */
const tasksBehind = (completion: string) => `
  (select ${STORED_COLUMNS}, false as deleted from tasks
    where user_id = $1 and ${completion} and (position, number) > ($2, $3) order by position, number limit $5)`;

/**
 * The tasks behind a position ($2) and a number ($3), and the deletions behind a position ($4), at most $5 of both, in the
 * order of their positions. Each row has `PAGE_COLUMNS`, whether it is a deletion, and the counter. If nothing changed,
 * there is one row with the counter alone. It is one statement so that all of it is of the same moment.
 */
export const READ_CHANGES: Statement = {
  name: 'taskwell_read_changes',
  text: `
    select ${PAGE_COLUMNS}, deleted, last_position, forgotten_position, ${microsOf('started_at')}
    from (
      select last_position, forgotten_position, started_at from task_counters where user_id = $1
    ) as counter
    left join (
      ${tasksBehind('not completed')}
      union all
      ${tasksBehind('completed')}
      union all
      (select ${DELETION_COLUMNS}, true from task_deletions
        where user_id = $1 and position > $4 order by position limit $5)
    ) as changed on true
    order by position, number limit $5`,
  reads: true,
};
