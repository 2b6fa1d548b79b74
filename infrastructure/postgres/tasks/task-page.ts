import type { TaskPage } from '../../../application/ports/task-repository.ts';
import type { ListCursor } from '../../../domain/list-cursor.ts';
import { hasCompletion, type TaskQuery } from '../../../domain/task.ts';
import { TaskNumber } from '../../../domain/task-number.ts';
import type { TextRow } from '../connection/statement.ts';
import { PAGE_TEXTS_MAX_BYTES, shortened, withLongTexts } from './long-texts.ts';
import { openList } from './open-list.ts';
import type { OwnerStatements } from './owner-statements.ts';
import { pageStatement } from './page-statements.ts';
import { COLUMNS, instantOf, taskFromRow } from './task-columns.ts';

/** Reads a page of a list, as `OwnedTasks.page` says. One round trip, and another one if it has long texts. */
export async function readPage(
  statements: OwnerStatements,
  query: TaskQuery,
  limit: number,
  after: ListCursor | undefined,
): Promise<TaskPage> {
  const { rows, opened } = await openList(statements, query, pageStatement(query, limit + 1, after));
  const page = shortened(rows.slice(0, limit), PAGE_TEXTS_MAX_BYTES);
  const last = page.length < rows.length ? page.at(-1) : undefined;
  const whole = await withLongTexts((...statement) => statements.run(...statement), page);
  const tasks = whole.map((row) => taskFromRow(statements.owner, row));
  // A task may have changed between its page and its long text.
  const matching = tasks.filter((task) => hasCompletion(task, query));
  return { tasks: matching, next: last && cursorBehind(last), ...opened };
}

function cursorBehind(row: TextRow): ListCursor {
  return {
    createdAt: instantOf(row[COLUMNS.createdAt.at]),
    number: TaskNumber(Number(row[COLUMNS.number.at])),
    title: row[COLUMNS.title.at] ?? undefined,
  };
}
