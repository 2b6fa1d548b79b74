import type { Parameter, Statement, TextRow } from '../connection/statement.ts';
import { LIST_TASKS } from './list-statements.ts';
import { COLUMNS, missingBytes } from './task-columns.ts';

/** The most bytes of long texts in a page that one call returns, unless a single task has more. */
export const PAGE_TEXTS_MAX_BYTES = 1024 * 1024;

/** Runs a statement on the owner's tasks. */
export type RunStatement = (statement: Statement, ...values: Parameter[]) => Promise<readonly TextRow[]>;

/** The first rows whose long texts do not exceed a number of bytes together. A longer text is not split. */
export function shortened(rows: readonly TextRow[], maxBytes: number): readonly TextRow[] {
  let bytes = 0;
  const end = rows.findIndex((row) => {
    const before = bytes;
    bytes += missingBytes(row);
    return before > 0 && bytes > maxBytes;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

/** Reads the rows that lack long texts once more, whole. A task that was deleted in the meantime is left out. */
export async function withLongTexts(run: RunStatement, rows: readonly TextRow[]): Promise<readonly TextRow[]> {
  const incomplete = rows.filter((row) => missingBytes(row) > 0).map(numberOf);
  if (incomplete.length === 0) return rows;
  const whole = byNumber(await run(LIST_TASKS.whole, `{${incomplete.join(',')}}`));
  return rows.map((row) => (missingBytes(row) > 0 ? whole.get(numberOf(row)) : row)).filter((row) => row !== undefined);
}

/** Rows of tasks by their numbers. */
export function byNumber(rows: readonly TextRow[]): ReadonlyMap<string, TextRow> {
  return new Map(rows.map((row) => [numberOf(row), row]));
}

/** The number of the task in a row. */
export function numberOf(row: TextRow): string {
  return row[COLUMNS.number.at] ?? '';
}
