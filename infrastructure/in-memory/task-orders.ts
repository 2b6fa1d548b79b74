import type { ListCursor } from '../../domain/list-cursor.ts';
import type { Task } from '../../domain/task.ts';

/** The latest change first. Instants sort as text. */
export function byLatestChange(a: Task, b: Task): number {
  return a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0;
}

/** The newest task first. Instants sort as text. */
function byNewest(a: ListCursor, b: ListCursor): number {
  return a.createdAt === b.createdAt ? b.number - a.number : a.createdAt < b.createdAt ? 1 : -1;
}

/**
 * The order of PostgreSQL's `und-x-icu`, by which the other adapter sorts: titles that the collation finds equal are
 * sorted by code point, and equal titles newest first.
 */
function byTitle(a: ListCursor, b: ListCursor): number {
  const [first, second] = [sortedText(a), sortedText(b)];
  const byText = rootCollation.compare(first, second) || Buffer.compare(Buffer.from(first), Buffer.from(second));
  return byText || byNewest(a, b);
}

/** The orders of a list. */
export const ORDERS = { newest: byNewest, title: byTitle } as const;

/** The text that is compared: two spellings of the same characters, and letters of either case, are equal. */
function sortedText({ title = '' }: ListCursor): string {
  return title.normalize('NFD').toLowerCase();
}

/** The locale `und` would be the language of the system. English has the order of the root. */
const rootCollation = new Intl.Collator('en');
