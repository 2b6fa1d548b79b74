import type { Brand } from './brand.ts';
import { InvalidValue } from './domain-errors.ts';
import { checkText } from './text.ts';

/** The words of a search, as it spells them. */
export type SearchWords = Brand<readonly string[], 'SearchWords'>;

/** The longest search, in code points. */
export const SEARCH_MAX = 200;

export const SEARCH_WORDS_MAX = 10;

/**
 * A character between words: punctuation, a symbol, white space, a number that is no decimal digit (such as `½` or `①`),
 * or a character that only controls or encloses others. All other characters are in words, and so are those that Unicode
 * does not know yet, except future emoji.
 */
export const SEPARATOR = /[\p{P}\p{S}\p{Z}\p{No}\p{Cc}\p{Cf}\p{Me}\p{Variation_Selector}\p{Extended_Pictographic}]/u;

/** Combining marks alone are no word. */
const IN_EVERY_WORD = /\P{M}/u;

/**
 * Takes the words out of a text. Everything between them is ignored.
 *
 * @throws InvalidValue if the text is too long, or has no word or too many
 */
export function SearchWords(raw: string): SearchWords {
  checkText('q', raw, { min: 0, max: SEARCH_MAX });
  const words: readonly string[] = raw.split(SEPARATOR).filter((word) => IN_EVERY_WORD.test(word));
  if (words.length === 0) throw new InvalidValue('q', 'must contain a letter or a digit');
  if (words.length > SEARCH_WORDS_MAX) throw new InvalidValue('q', `must be at most ${SEARCH_WORDS_MAX} words`);
  return words as SearchWords;
}

/** The spellings by which a word of a search is found: its own, the composed one (NFC) and the decomposed one (NFD). */
export function spellingsOf(word: string): readonly string[] {
  return [...new Set([word, word.normalize('NFC'), word.normalize('NFD')])];
}

/** Whether each word of a search begins a word of one of the texts. Letter case does not matter. */
export function occurIn(texts: readonly string[], search: SearchWords): boolean {
  const words = texts.flatMap((text) => folded(text).split(SEPARATOR));
  const begins = (spelling: string) => words.some((word) => word.startsWith(spelling));
  return search.every((wanted) => spellingsOf(wanted).map(folded).some(begins));
}

/** In lower case. Lower-case sigma has another form at the end of a word, which may not be where a prefix ends. */
function folded(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ');
}
