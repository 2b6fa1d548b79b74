import type { Brand } from './brand.ts';
import { checkText } from './text.ts';

/** What a task is called: 1 to 500 characters without white space around them. */
export type Title = Brand<string, 'Title'>;

/** The longest title that any frontend may give, in code points. */
export const TITLE_MAX = 500;

/**
 * Trims, then checks.
 *
 * @param max a narrower limit, in code points
 * @throws InvalidValue when nothing is left after trimming, when the rest is longer than `max`, or when it is no text
 *   that the database can hold
 */
export function Title(raw: string, max = TITLE_MAX): Title {
  const title = raw.trim();
  checkText('title', title, { min: 1, max });
  return title as Title;
}
