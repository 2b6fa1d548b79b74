import type { TaskBatch } from '../../../application/ports/task-repository.ts';
import { hasCompletion, type TaskQuery } from '../../../domain/task.ts';
import type { UserId } from '../../../domain/user-id.ts';
import type { Parameter, TextRow } from '../connection/statement.ts';
import { BEGINNING, LIST_TASKS, PAGE_SIZE } from './list-statements.ts';
import { byNumber, numberOf, type RunStatement, shortened, withLongTexts } from './long-texts.ts';
import { searchValues } from './search-condition.ts';
import { COLUMNS, taskFromRow } from './task-columns.ts';

/** The most bytes of long texts in a batch, unless a single task has more. Statements of others wait for each batch. */
const BATCH_TEXTS_MAX_BYTES = 256 * 1024;

/** Rows of `PAGE_COLUMNS`. */
interface Page {
  readonly rows: readonly TextRow[];
  readonly isLast: boolean;
}

/**
 * Lists tasks in batches. Each statement is a transaction of its own, so that a caller who reads slowly occupies no
 * connection. A list that fits in one batch takes one statement.
 */
export async function* listInBatches(owner: UserId, run: RunStatement, query: TaskQuery): AsyncGenerator<TaskBatch> {
  const { completed, search, order } = query;
  const inOrder = order === 'newest' ? newestFirst : byTitle;
  const found = search && ([LIST_TASKS.bySearch[order], ...searchValues(search, completed)] as const);
  const pages = found ? sortedOnce(run, ...found) : inOrder(run, completed);
  for await (const page of pages) {
    for (const part of partsOf(page)) {
      const rows = await withLongTexts(run, part.rows);
      const tasks = rows.map((row) => taskFromRow(owner, row));
      // A task may have changed after its page was selected.
      yield { tasks: tasks.filter((task) => hasCompletion(task, query)), isLast: part.isLast };
    }
  }
}

async function* newestFirst(run: RunStatement, completed: boolean | undefined): AsyncGenerator<Page> {
  if (completed === undefined) {
    const { first, next } = LIST_TASKS.newest;
    yield* pages(await run(first), (position) => run(next, ...position));
    return;
  }
  const { few, next } = LIST_TASKS.newestByCompletion;
  const rows = await run(few, completed);
  const after = (position: readonly Parameter[]) => run(next, completed, ...position);
  if (rows.length <= PAGE_SIZE) yield { rows, isLast: true };
  else yield* pages(await after(BEGINNING), after);
}

/** Each page begins behind the last task of the one before. */
async function* pages(
  first: readonly TextRow[],
  after: (position: readonly Parameter[]) => Promise<readonly TextRow[]>,
): AsyncGenerator<Page> {
  let rows = first;
  for (let last = rows[PAGE_SIZE - 1]; last !== undefined; last = rows[PAGE_SIZE - 1]) {
    yield { rows, isLast: false };
    rows = await after(positionOf(last));
  }
  yield { rows, isLast: true };
}

/** No index has this order. A list that is longer than a page is sorted once; then its pages are read by their numbers. */
async function* byTitle(run: RunStatement, completed: boolean | undefined): AsyncGenerator<Page> {
  const { first, sort } = completed === undefined ? LIST_TASKS.title : LIST_TASKS.titleByCompletion;
  const filter = completed === undefined ? [] : [completed];
  const rows = await run(first, ...filter);
  if (rows.length < PAGE_SIZE) {
    yield { rows, isLast: true };
    return;
  }
  yield* sortedOnce(run, sort, ...filter);
}

/** Selects and sorts all numbers with one statement, and reads the pages by their numbers. */
async function* sortedOnce(run: RunStatement, ...sort: Parameters<RunStatement>): AsyncGenerator<Page> {
  const [sorted] = await run(...sort);
  if (!sorted?.[0]) {
    yield { rows: [], isLast: true };
    return;
  }
  for (const { numbers, isLast } of slicesOf(sorted[0])) {
    yield { rows: inOrder(numbers, await run(LIST_TASKS.byNumbers, `{${numbers}}`)), isLast };
  }
}

/** Slices of a text of numbers with commas. A million numbers as one text take 8 MB. */
function* slicesOf(sorted: string): Generator<{ numbers: string; isLast: boolean }> {
  let start = 0;
  while (start <= sorted.length) {
    let end = start - 1;
    for (let taken = 0; taken < PAGE_SIZE && end < sorted.length; taken += 1) {
      const comma = sorted.indexOf(',', end + 1);
      end = comma === -1 ? sorted.length : comma;
    }
    yield { numbers: sorted.slice(start, end), isLast: end === sorted.length };
    start = end + 1;
  }
}

/** Splits a page where its long texts would exceed the limit of a batch. */
function* partsOf({ rows, isLast }: Page): Generator<Page> {
  let rest = rows;
  for (let part = shortened(rest, BATCH_TEXTS_MAX_BYTES); part.length < rest.length; ) {
    yield { rows: part, isLast: false };
    rest = rest.slice(part.length);
    part = shortened(rest, BATCH_TEXTS_MAX_BYTES);
  }
  yield { rows: rest, isLast };
}

function inOrder(numbers: string, rows: readonly TextRow[]): readonly TextRow[] {
  const found = byNumber(rows);
  return numbers
    .split(',')
    .map((number) => found.get(number))
    .filter((row) => row !== undefined);
}

/** The place of a task in the order, with its microseconds. */
function positionOf(row: TextRow): readonly Parameter[] {
  return [row[COLUMNS.createdAt.at] ?? null, numberOf(row)];
}
