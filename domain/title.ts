import type { Brand } from './brand.ts';
import { checkText } from './text.ts';

/** The title of a task: 1 to 500 characters without surrounding white space. */
export type Title = Brand<string, 'Title'>;

/** The longest title that any contract accepts, in code points. */
export const TITLE_MAX = 500;

/**
 * Trims the text, then checks it.
 *
 * @param max a narrower limit, in code points
 * @throws InvalidValue if the trimmed text is empty, longer than `max`, or text that PostgreSQL cannot store
 */
export function Title(raw: string, max = TITLE_MAX): Title {
  const title = raw.trim();
  checkText('title', title, { min: 1, max });
  return title as Title;
}
