import type { ListCursor } from '../../../domain/list-cursor.ts';
import type { TaskQuery } from '../../../domain/task.ts';
import type { Parameter, Statement } from '../connection/statement.ts';
import { BEGINNING, NEWEST_FIRST, PAGE_SIZE, sortedText } from './list-statements.ts';
import { microsFromInstant } from './micros-from-instant.ts';
import type { OwnerStatement } from './owner-statements.ts';
import { searchCondition, searchValues } from './search-condition.ts';
import { PAGE_COLUMNS, STORED_COLUMNS, timeOf } from './task-columns.ts';

/** Whether a task comes behind the creation ($3) and number ($4) of a cursor in the order `NEWEST_FIRST`. */
const IS_OLDER = `(created_at, number) < (${timeOf('$3')}, $4)`;

/**
 * The statements that read one page. They return `PAGE_COLUMNS`. $2 is the most rows, $3 and $4 are the cursor. By title, $5
 * is its title; without a cursor, all three are null. The last parameters are the completion or `searchValues`, in
 * those that select by them.
 */
export const PAGE_TASKS = {
  newest: page(
    'newest',
    `select ${PAGE_COLUMNS} from tasks where user_id = $1 and ${IS_OLDER} order by ${NEWEST_FIRST} limit $2`,
  ),
  /**
   * The index on completion finds all tasks of this completion if they are few. If they are more than `PAGE_SIZE`, the index
   * on the order passes enough of them soon (see `LIST_TASKS.newestByCompletion`). Only one of the two parts runs.
   */
  newestByCompletion: page(
    'newest_by_completion',
    `with few as (
       select ${STORED_COLUMNS} from tasks where user_id = $1 and completed between $5 and $5
       order by completed limit ${PAGE_SIZE + 1}
     )
     select ${PAGE_COLUMNS} from (
       (select ${STORED_COLUMNS} from few
        where (select count(number) from few) <= ${PAGE_SIZE} and ${IS_OLDER} order by ${NEWEST_FIRST} limit $2)
       union all
       (select ${STORED_COLUMNS} from tasks
        where user_id = $1 and (select count(number) from few) > ${PAGE_SIZE} and (completed = $5) is true and ${IS_OLDER}
        order by ${NEWEST_FIRST} limit $2)
     ) as page
     order by ${NEWEST_FIRST}`,
  ),
  newestBySearch: {
    ...page(
      'newest_by_search',
      `select ${PAGE_COLUMNS} from tasks where user_id = $1 and ${IS_OLDER} and ${searchCondition(5)}
       order by ${NEWEST_FIRST} limit $2`,
    ),
    slow: true,
  },
  title: byTitle('title', ''),
  titleByCompletion: byTitle('title_by_completion', 'and completed = $6'),
  titleBySearch: byTitle('title_by_search', `and ${searchCondition(6)}`),
  count: count('count', ''),
  countByCompletion: count('count_by_completion', 'and completed = $2'),
  countBySearch: count('count_by_search', `and ${searchCondition(2)}`),
} as const;

/** The statement that reads a page of a list, with its parameters. */
export function pageStatement(query: TaskQuery, rows: number, after: ListCursor | undefined): OwnerStatement {
  const { newest, newestByCompletion, newestBySearch, title, titleByCompletion, titleBySearch } = PAGE_TASKS;
  const place = query.order === 'newest' ? newestPlace(after) : titlePlace(after);
  const variants =
    query.order === 'newest'
      ? ([newest, newestByCompletion, newestBySearch] as const)
      : ([title, titleByCompletion, titleBySearch] as const);
  const [statement, ...filter] = filtered(query, ...variants);
  return [statement, rows, ...place, ...filter];
}

/** The statement that counts all tasks of a list, with its parameters. */
export function countStatement(query: TaskQuery): OwnerStatement {
  return filtered(query, PAGE_TASKS.count, PAGE_TASKS.countByCompletion, PAGE_TASKS.countBySearch);
}

/** The variant of a statement for the filter of a query, with the parameters of the filter. */
function filtered(
  { completed, search }: TaskQuery,
  every: Statement,
  byCompletion: Statement,
  bySearch: Statement,
): OwnerStatement {
  if (search !== undefined) return [bySearch, ...searchValues(search, completed)];
  return completed === undefined ? [every] : [byCompletion, completed];
}

function newestPlace(after: ListCursor | undefined): readonly Parameter[] {
  return after ? [microsFromInstant(after.createdAt), after.number] : BEGINNING;
}

function titlePlace(after: ListCursor | undefined): readonly Parameter[] {
  return after ? [...newestPlace(after), after.title ?? ''] : [null, null, null];
}

function page(name: string, text: string): Statement {
  return { name: `taskwell_page_${name}`, text, reads: true };
}

/** No index has this order. `offset 0` makes PostgreSQL convert each title once. */
function byTitle(name: string, condition: string): Statement {
  const text = `
    select ${PAGE_COLUMNS} from (
      select ${STORED_COLUMNS}, ${sortedText('title')} as sorted_text, (select ${sortedText('$5::text')}) as last_text
      from tasks where user_id = $1 ${condition} offset 0
    ) as listed
    where coalesce(case when sorted_text = last_text then ${IS_OLDER} else sorted_text > last_text end, true)
    order by sorted_text, ${NEWEST_FIRST} limit $2`;
  return { ...page(name, text), slow: true };
}

function count(name: string, condition: string): Statement {
  return { ...page(name, `select count(number) from tasks where user_id = $1 ${condition}`), slow: true };
}
