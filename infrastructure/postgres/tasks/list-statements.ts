import type { Parameter, Statement } from '../connection/statement.ts';
import { searchCondition } from './search-condition.ts';
import { PAGE_COLUMNS, STORED_COLUMNS, TASK_COLUMNS, timeOf } from './task-columns.ts';

export const NEWEST_FIRST = 'created_at desc, number desc';
/**
 * ICU's root collation sorts the same way on every system. PostgreSQL has it if it was built with ICU. It finds two
 * spellings of the same characters equal only if both are decomposed. Testing that is faster than decomposing a title, and
 * most titles need no more.
 */
const decomposed = (title: string) =>
  `case when ${title} is nfd normalized then ${title} else normalize(${title}, nfd) end`;

/** The text by which a title is sorted. */
export const sortedText = (title: string) => `lower(${decomposed(title)} collate "und-x-icu")`;

const BY_TITLE = `${sortedText('title')}, ${NEWEST_FIRST}`;

/** A creation and a number before every task in this order. */
export const BEGINNING: readonly Parameter[] = [Number.MAX_SAFE_INTEGER, 0];

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
  /** $2 … are `searchValues`. */
  bySearch: {
    newest: numbers(
      'numbers_by_search',
      `from tasks where user_id = $1 and ${searchCondition(2)} order by ${NEWEST_FIRST}`,
    ),
    title: numbers(
      'numbers_by_title_by_search',
      `from tasks where user_id = $1 and ${searchCondition(2)} order by ${BY_TITLE}`,
    ),
  },
  /** In no order. $2: the numbers. */
  byNumbers: list('by_numbers', `select ${PAGE_COLUMNS} from tasks where user_id = $1 and number = any($2)`),
  /** The same with `TASK_COLUMNS`. */
  whole: list('whole', `select ${TASK_COLUMNS} from tasks where user_id = $1 and number = any($2)`),
} as const;

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
