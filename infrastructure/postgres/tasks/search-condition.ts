import type { SearchWords } from '../../../domain/search-words.ts';
import type { Parameter } from '../connection/statement.ts';

/** The lower case of ICU is the same in every database, whatever its locale. */
const TEXT = `lower((title || ' ' || coalesce(description, '')) collate "und-x-icu")`;

/** Symbols that Unicode does not call punctuation, and characters without a width of their own between emoji. */
const SYMBOLS =
  '$+<=>^`|~\u00a0-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u2000-\u206f\u20a0-\u20cf\u2190-\u245f\u2500-\u2bff\ufe00-\ufe0f\u{1f000}-\u{1faff}';

/**
 * What separates words. PostgreSQL's parser alone would take a path, a host name or a number with its sign for one word, leave
 * out tags, and in some locales take emoji for letters.
 */
const SEPARATORS = `[[:punct:]${SYMBOLS}]+`;

/**
 * The condition that a task has the completion and the words of `searchValues`, which are the parameters from `$first` on.
 *
 * Full text search takes 15 µs for a short task, so LIKE first sorts out the tasks that do not contain the words at all. CASE
 * keeps this order, and makes PostgreSQL expect many matches: it then reads an index in the order of the list.
 */
export function searchCondition(first: number): string {
  const [completed, patterns, words] = [`$${first}::boolean`, `$${first + 1}::text[]`, `$${first + 2}`];
  return `coalesce(completed = ${completed}, true) and case when ${TEXT} like all(${patterns})
    then to_tsvector('simple', regexp_replace(${TEXT}, '${SEPARATORS}', ' ', 'g')) @@ to_tsquery('simple', ${words})
    else false end`;
}

/** A word has only letters, digits and marks, so it needs no escape. */
export function searchValues(search: SearchWords, completed: boolean | undefined): readonly Parameter[] {
  const patterns = search.map((word) => `"%${word}%"`).join(',');
  return [completed ?? null, `{${patterns}}`, search.map((word) => `'${word}':*`).join(' & ')];
}
