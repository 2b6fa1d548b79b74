import type { Brand } from './brand.ts';
import { InvalidValue } from './domain-errors.ts';
import { checkText } from './text.ts';

/** The words of a search, in lower case: runs of letters and digits, with the marks of their scripts. */
export type SearchWords = Brand<readonly string[], 'SearchWords'>;

/** The longest search, in code points. */
export const SEARCH_MAX = 200;

export const SEARCH_WORDS_MAX = 10;

/**
 * Takes the words out of a text. Everything between them is ignored.
 *
 * @throws InvalidValue if the text is too long, or has no word or too many
 */
export function SearchWords(raw: string): SearchWords {
  checkText('q', raw, { min: 0, max: SEARCH_MAX });
  const words = wordsIn(raw);
  if (words.length === 0) throw new InvalidValue('q', 'must contain a letter or a digit');
  if (words.length > SEARCH_WORDS_MAX) throw new InvalidValue('q', `must be at most ${SEARCH_WORDS_MAX} words`);
  return words as SearchWords;
}

/** Whether each word of a search begins a word of one of the texts. Letter case does not matter. */
export function occurIn(texts: readonly string[], search: SearchWords): boolean {
  const words = texts.flatMap(wordsIn);
  return search.every((wanted) => words.some((word) => word.startsWith(wanted)));
}

function wordsIn(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{Alphabetic}\p{Nd}][\p{Alphabetic}\p{Nd}\p{M}]*/gu) ?? [];
}
