import { RECENT_MAX } from '../../../domain/task-statistics.ts';
import type { Statement } from '../connection/statement.ts';
import { DETAIL_COLUMNS, PAGE_COLUMNS, STORED_COLUMNS, TASK_COLUMNS, timeOf } from './task-columns.ts';

/** The two ids of a task, each with the condition that finds it. */
const KEYS = { id: 'id = $2', number: 'number = $2' } as const;

const NEWEST_FIRST = 'created_at desc, number desc';
/**
 * ICU's root collation sorts the same way on every system. PostgreSQL has it if it was built with ICU. It finds two
 * spellings of the same characters equal only if both are decomposed. Testing that is faster than decomposing a title, and
 * most titles need no more.
 */
const DECOMPOSED_TITLE = 'case when title is nfd normalized then title else normalize(title, nfd) end';
const BY_TITLE = `lower(${DECOMPOSED_TITLE} collate "und-x-icu"), ${NEWEST_FIRST}`;

/** The first half of a create. It locks the owner's counter until the task is committed. */
export const NEXT_NUMBER: Statement = {
  name: 'taskwell_next_number',
  text: `
    insert into task_counters as mine (user_id, last_number) values ($1, 1)
    on conflict (user_id) do update set last_number = mine.last_number + 1 where mine.user_id = $1`,
};

/** The second half, in the same transaction: it reads the number that the first half wrote. $2 id, $3 … the details. */
export const INSERT_TASK: Statement = {
  name: 'taskwell_insert_task',
  text: `
    insert into tasks (user_id, id, number, ${DETAIL_COLUMNS.join(', ')})
    select user_id, $2, last_number, ${DETAIL_COLUMNS.map((_, index) => `$${index + 3}`).join(', ')}
    from task_counters where user_id = $1
    returning ${TASK_COLUMNS}`,
};

export const FIND_TASK = byKey(
  'find_task',
  (key) => `select ${TASK_COLUMNS} from tasks where user_id = $1 and ${key}`,
  { reads: true },
);

/** $3 whether to flip `completed`, $4 its new value or null. Then two for each detail: whether it changes, its value. */
export const CHANGE_TASK = byKey(
  'change_task',
  (key) => `
    update tasks set
      completed = case when $3::boolean then not completed else coalesce($4, completed) end,
      ${DETAIL_COLUMNS.map(
        (name, index) => `${name} = case when $${2 * index + 5}::boolean then $${2 * index + 6} else ${name} end`,
      ).join(',\n      ')},
      updated_at = greatest(updated_at, now()),
      version = version + 1
    where user_id = $1 and ${key}
    returning ${TASK_COLUMNS}`,
);

export const REMOVE_TASK = byKey('remove_task', (key) => `delete from tasks where user_id = $1 and ${key}`);

/** The tasks of a page. */
export const PAGE_SIZE = 500;

/**
 * The statements of a list. They return `PAGE_COLUMNS` where nothing else is said. $2 is completion in those that select
 * by it.
 */
export const LIST_TASKS = {
  newest: {
    first: list('newest', `select ${PAGE_COLUMNS} from tasks where user_id = $1 ${firstOf(NEWEST_FIRST)}`),
    /** The page behind a creation ($2) and number ($3). */
    next: list(
      'newest_after',
      `select ${PAGE_COLUMNS} from tasks
       where user_id = $1 and (created_at, number) < (${timeOf('$2')}, $3) ${firstOf(NEWEST_FIRST)}`,
    ),
  },
  newestByCompletion: {
    /**
     * All tasks if they fit in a page, otherwise any tasks, one more than a page. A range and an order by completion make
     * PostgreSQL read the index on completion, where it would otherwise look for a few tasks among all others.
     */
    few: list(
      'newest_by_completion',
      `select ${PAGE_COLUMNS} from (
         select ${STORED_COLUMNS} from tasks where user_id = $1 and completed between $2 and $2 order by completed limit ${PAGE_SIZE + 1}
       ) as few order by ${NEWEST_FIRST}`,
    ),
    /** The page behind a creation ($3) and number ($4). `is true` keeps PostgreSQL from sorting all tasks for each page. */
    next: list(
      'newest_by_completion_after',
      `select ${PAGE_COLUMNS} from tasks
       where user_id = $1 and (completed = $2) is true and (created_at, number) < (${timeOf('$3')}, $4) ${firstOf(NEWEST_FIRST)}`,
    ),
  },
  title: {
    first: list('by_title', `select ${PAGE_COLUMNS} from tasks where user_id = $1 ${firstOf(BY_TITLE)}`),
    sort: numbers('numbers_by_title', `from tasks where user_id = $1 order by ${BY_TITLE}`),
  },
  titleByCompletion: {
    first: list(
      'by_title_by_completion',
      `select ${PAGE_COLUMNS} from tasks where user_id = $1 and completed = $2 ${firstOf(BY_TITLE)}`,
    ),
    sort: numbers(
      'numbers_by_title_by_completion',
      `from tasks where user_id = $1 and completed = $2 order by ${BY_TITLE}`,
    ),
  },
  /** In no order. $2: the numbers. */
  byNumbers: list('by_numbers', `select ${PAGE_COLUMNS} from tasks where user_id = $1 and number = any($2)`),
  /** The same with `TASK_COLUMNS`. */
  whole: list('whole', `select ${TASK_COLUMNS} from tasks where user_id = $1 and number = any($2)`),
} as const;

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

/** Erasing a user takes this and the next two statements, in one transaction. The lock blocks creates until it commits. */
export const LOCK_COUNTER: Statement = {
  name: 'taskwell_lock_counter',
  text: 'select last_number from task_counters where user_id = $1 for update',
};

export const REMOVE_ALL_TASKS: Statement = {
  name: 'taskwell_remove_all_tasks',
  text: 'delete from tasks where user_id = $1',
};

/**
 * If there was no counter to lock, a create may have committed in between. Its counter and its task then stay: at READ
 * COMMITTED the subqueries see the snapshot of this statement, but the row to delete is its latest version, so a counter
 * that changed after the snapshot does not match.
 */
export const REMOVE_COUNTER: Statement = {
  name: 'taskwell_remove_counter',
  text: `
    delete from task_counters as mine where mine.user_id = $1
      and not exists (select from tasks where user_id = $1)
      and mine.last_number = (select last_number from task_counters where user_id = $1)
    returning last_number`,
};

/** All statements, for the tests that check that each is limited to one user. */
export const STATEMENTS: readonly Statement[] = [
  NEXT_NUMBER,
  INSERT_TASK,
  READ_STATISTICS,
  LOCK_COUNTER,
  REMOVE_ALL_TASKS,
  REMOVE_COUNTER,
  ...[FIND_TASK, CHANGE_TASK, REMOVE_TASK].flatMap(({ id, number }) => [id, number]),
  ...Object.values(LIST_TASKS).flatMap((one) => ('text' in one ? [one] : Object.values(one))),
];

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

function list(name: string, text: string): Statement {
  return { name: `taskwell_list_${name}`, text, reads: true };
}

/** Returns all numbers as one text, with commas. */
function numbers(name: string, sorted: string): Statement {
  return { ...list(name, `select string_agg(number::text, ',') from (select number ${sorted}) as sorted`), slow: true };
}

function firstOf(order: string): string {
  return `order by ${order} limit ${PAGE_SIZE}`;
}
