import { REVISION_ID_DIGITS } from '../../../domain/revision.ts';
import type { TaskRef } from '../../../domain/task.ts';
import { DELETIONS_KEPT_DAYS } from '../../../domain/task-changes.ts';
import type { Parameter, Statement } from '../connection/statement.ts';
import { DETAIL_COLUMNS, TASK_COLUMNS } from './task-columns.ts';

/** How many old deletions a deletion forgets at most. */
const FORGOTTEN_AT_ONCE = 10;

/** The two ids of a task, each with the condition that finds it. */
const KEYS = { id: 'id = $2', number: 'number = $2' } as const;

/** The position of this write, once one of the statements that lock the owner's counter has run. */
const POSITION = '(select last_position from task_counters where user_id = $1)';

/** Whether a task is in one of these states (see `revisionOf`), as an array. With null for the array, every task is. */
const isIn = (revisions: string) =>
  `coalesce(version || '-' || right(id::text, ${REVISION_ID_DIGITS}) = any(${revisions}::text[]), true)`;

/** The first statement of a create. It locks the owner's counter until the task is committed. */
export const NEXT_NUMBER: Statement = {
  name: 'taskwell_next_number',
  text: `
    insert into task_counters as mine (user_id, last_number, last_position) values ($1, 1, 1)
    on conflict (user_id) do update
    set last_number = mine.last_number + 1, last_position = mine.last_position + 1 where mine.user_id = $1`,
};

/** The next one, in the same transaction: it reads the number that the first one wrote. $2 id, $3 … the details. */
export const INSERT_TASK: Statement = {
  name: 'taskwell_insert_task',
  text: `
    insert into tasks (user_id, id, number, position, ${DETAIL_COLUMNS.join(', ')})
    select user_id, $2, last_number, last_position, ${DETAIL_COLUMNS.map((_, index) => `$${index + 3}`).join(', ')}
    from task_counters where user_id = $1
    returning ${TASK_COLUMNS}`,
};

/**
 * The first statement of a change. It locks the owner's counter until the change is committed, so that the positions of a
 * user have the order of the commits. If the task turns out to be absent, the position stays unused.
 */
export const NEXT_POSITION: Statement = {
  name: 'taskwell_next_position',
  text: 'update task_counters set last_position = last_position + 1 where user_id = $1',
};

export const FIND_TASK = byKey(
  'find_task',
  (key) => `select ${TASK_COLUMNS} from tasks where user_id = $1 and ${key}`,
  { reads: true },
);

/**
 * $3 the allowed revisions or null, $4 whether to flip `completed`, $5 its new value or null. Then two for each detail:
 * whether it changes, its value.
 */
export const CHANGE_TASK = byKey(
  'change_task',
  (key) => `
    update tasks set
      completed = case when $4::boolean then not completed else coalesce($5, completed) end,
      ${DETAIL_COLUMNS.map(
        (name, index) => `${name} = case when $${2 * index + 6}::boolean then $${2 * index + 7} else ${name} end`,
      ).join(',\n      ')},
      updated_at = greatest(updated_at, now()),
      version = version + 1,
      position = ${POSITION}
    where user_id = $1 and ${key} and ${isIn('$3')}
    returning ${TASK_COLUMNS}`,
);

/** The first statement of a deletion: `NEXT_POSITION`, and up to which position old deletions are forgotten. */
export const NEXT_DELETION: Statement = {
  name: 'taskwell_next_deletion',
  text: `
    update task_counters set
      last_position = last_position + 1,
      forgotten_position = greatest(forgotten_position, (
        select max(position) from (
          select position, deleted_at from task_deletions where user_id = $1 order by position limit ${FORGOTTEN_AT_ONCE}
        ) as oldest
        where deleted_at < now() - interval '${DELETIONS_KEPT_DAYS} days'
      ))
    where user_id = $1`,
};

export const FORGET_DELETIONS: Statement = {
  name: 'taskwell_forget_deletions',
  text: `
    delete from task_deletions where user_id = $1
      and position <= (select forgotten_position from task_counters where user_id = $1)`,
};

/** $3 the allowed revisions or null. Returns the position. */
export const RECORD_DELETION = byKey(
  'record_deletion',
  (key) => `
    insert into task_deletions (user_id, position, id, number)
    select user_id, ${POSITION}, id, number from tasks where user_id = $1 and ${key} and ${isIn('$3')}
    returning position`,
);

/** $3 the allowed revisions or null. */
export const REMOVE_TASK = byKey(
  'remove_task',
  (key) => `delete from tasks where user_id = $1 and ${key} and ${isIn('$3')}`,
);

/** The variant of a statement for the id that a task is asked for by. */
export function keyed(statement: { id: Statement; number: Statement }, ref: TaskRef): Statement {
  return 'id' in ref ? statement.id : statement.number;
}

/** $2 of such a statement. */
export function keyOf(ref: TaskRef): Parameter {
  return 'id' in ref ? ref.id : ref.number;
}

function byKey(
  name: string,
  text: (key: string) => string,
  kind: Pick<Statement, 'reads'> = {},
): { id: Statement; number: Statement } {
  return {
    id: { name: `taskwell_${name}_by_id`, text: text(KEYS.id), ...kind },
    number: { name: `taskwell_${name}_by_number`, text: text(KEYS.number), ...kind },
  };
}
