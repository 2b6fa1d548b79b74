import { REVISION_ID_DIGITS } from '../../../domain/revision.ts';
import type { TaskRef } from '../../../domain/task.ts';
import { DELETIONS_KEPT_DAYS } from '../../../domain/task-changes.ts';
import type { Parameter, Statement } from '../connection/statement.ts';
import { DETAIL_COLUMNS, TASK_COLUMNS } from './task-columns.ts';

/** How many old deletions a deletion forgets at most. */
const FORGOTTEN_AT_ONCE = 10;

/** The two ids of a task, each with the condition that finds it. */
const KEYS = { id: 'id = $2', number: 'number = $2' } as const;

/** The owner's counter as an earlier statement of the group has left it. */
const COUNTER = 'task_counters where user_id = $1';

/** The position of this write, in the statements after the one that counts it. */
const POSITION = `(select last_position from ${COUNTER})`;

/** Whether a task is in one of these states (see `revisionOf`), as an array. With null for the array, every task is. */
const isIn = (revisions: string) =>
  `coalesce(version || '-' || right(id::text, ${REVISION_ID_DIGITS}) = any(${revisions}::text[]), true)`;

const COUNT_CREATE = `
  insert into task_counters as mine (user_id, last_number, last_position) values ($1, 1, 1)
  on conflict (user_id) do update
  set last_number = mine.last_number + 1, last_position = mine.last_position + 1 where mine.user_id = $1`;

const COUNT_CHANGE = 'update task_counters set last_position = last_position + 1 where user_id = $1';

const insertTask = (counter: string) => `
  insert into tasks (user_id, id, number, position, ${DETAIL_COLUMNS.join(', ')})
  select user_id, $2, last_number, last_position, ${DETAIL_COLUMNS.map((_, index) => `$${index + 3}`).join(', ')}
  from ${counter}
  returning ${TASK_COLUMNS}`;

const changeTask = (key: string, position: string, from = '') => `
  update tasks set
    completed = case when $4::boolean then not completed else coalesce($5, completed) end,
    ${DETAIL_COLUMNS.map(
      (name, index) => `${name} = case when $${2 * index + 6}::boolean then $${2 * index + 7} else ${name} end`,
    ).join(',\n    ')},
    updated_at = greatest(updated_at, now()),
    version = version + 1,
    position = ${position}
  ${from}
  where user_id = $1 and ${key} and ${isIn('$3')}
  returning ${TASK_COLUMNS}`;

/**
 * Creates a task: $2 id, $3 … the details. It increments the owner's counter, which stays locked until the commit, so that
 * the positions of a user have the order of the commits.
 */
export const CREATE_TASK: Statement = {
  name: 'taskwell_create_task',
  text: `with counter as (${COUNT_CREATE} returning user_id, last_number, last_position) ${insertTask('counter')}`,
};

/**
 * Changes a task, and counts as `CREATE_TASK` does, also if the task is absent: its position then stays unused. $3 the
 * allowed revisions or null, $4 whether to flip `completed`, $5 its new value or null. Then two for each detail: whether it
 * changes, its value.
 */
export const CHANGE_TASK = byKey(
  'change_task',
  (key) =>
    `with counter as (${COUNT_CHANGE} returning last_position) ${changeTask(key, 'last_position', 'from counter')}`,
);

/** `CREATE_TASK` in two statements, for Citus. */
export const NEXT_NUMBER: Statement = { name: 'taskwell_next_number', text: COUNT_CREATE };
export const INSERT_TASK: Statement = { name: 'taskwell_insert_task', text: insertTask(COUNTER) };

/** `CHANGE_TASK` in two statements, for Citus. */
export const NEXT_POSITION: Statement = { name: 'taskwell_next_position', text: COUNT_CHANGE };
export const UPDATE_TASK = byKey('update_task', (key) => changeTask(key, POSITION));

export const FIND_TASK = byKey(
  'find_task',
  (key) => `select ${TASK_COLUMNS} from tasks where user_id = $1 and ${key}`,
  { reads: true },
);

/** The first statement of a deletion. It counts, and says up to which position old deletions are forgotten. */
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
