import type { Brand } from './brand.ts';
import { checkText } from './text.ts';

/** The title of a task: 1 to 500 characters without surrounding white space, at least one of them visible. */
export type Title = Brand<string, 'Title'>;

/** The longest title that any contract accepts, in code points. */
export const TITLE_MAX = 500;

/**
 * Anything except control characters, format characters, white space, characters that Unicode tells fonts to leave out
 * (Default_Ignorable_Code_Point, such as variation selectors and Hangul fillers), and the blank of braille.
 */
const VISIBLE_CHARACTER = /[^\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Trims the text, then checks it. A text without a visible character counts as empty. A visible title keeps its invisible
 * characters, because emoji and many scripts need them.
 *
 * The database refuses an empty title, but stores an invisible one: which characters are invisible depends on the version
 * of Unicode.
 *
 * @param max a narrower limit, in code points
 * @throws InvalidValue if the trimmed text is empty, longer than `max`, or text that PostgreSQL cannot store
 */
export function Title(raw: string, max = TITLE_MAX): Title {
  const title = raw.trim();
  checkText('title', VISIBLE_CHARACTER.test(title) ? title : '', { min: 1, max });
  return title as Title;
}
