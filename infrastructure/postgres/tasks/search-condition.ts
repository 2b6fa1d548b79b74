import { SEPARATOR, type SearchWords, spellingsOf } from '../../../domain/search-words.ts';
import type { Parameter } from '../connection/statement.ts';
import { characterClass } from './character-class.ts';

/** As the domain folds it. The lower case of ICU is the same in every database, whatever its locale. */
const folded = (text: string) => `replace(lower(${text} collate "und-x-icu"), 'ς', 'σ')`;

const TEXT = folded(`(title || ' ' || coalesce(description, ''))`);

/**
 * The condition that a task has the completion and the words of `searchValues`, which are the parameters from `$first` on.
 *
 * LIKE takes less time than a regular expression, so it first excludes the tasks that do not contain the words at all. CASE
 * keeps this order, and makes PostgreSQL expect many matches: it then reads an index in the order of the list. A subquery
 * converts the words once, and not for each task.
 */
export function searchCondition(first: number): string {
  const [completed, stems, words] = [`$${first}::boolean`, `$${first + 1}::text`, `$${first + 2}::text`];
  const precedes = `$${first + 3}::text`;
  return `coalesce(completed = ${completed}, true) and case when ${TEXT} like all((select ${folded(stems)}::text[])::text[])
    then ${TEXT} ~ all((
      select array_agg(${precedes} || '(' || word || ')') from unnest(${folded(words)}::text[]) as word
    )::text[])
    else false end`;
}

/**
 * What all spellings of each word begin with, as patterns of LIKE, and the spellings and what precedes a word, as parts of
 * regular expressions. A word has no separators, so it needs no escape. It keeps its letter case, because PostgreSQL has to
 * change it as in the texts: its version of Unicode is not that of Node.js.
 */
export function searchValues(search: SearchWords, completed: boolean | undefined): readonly Parameter[] {
  const spellings = search.map(spellingsOf);
  const stems = spellings.map((spelled) => `"%${stemOf(spelled)}%"`);
  const words = spellings.map((spelled) => `"${spelled.join('|')}"`);
  return [completed ?? null, `{${stems.join(',')}}`, `{${words.join(',')}}`, wordBeginning()];
}

let beginning: string | undefined;

/** Made for the first search: it takes about 50 ms, which a start or a command need not wait for. */
function wordBeginning(): string {
  beginning ??= `(^|[${characterClass(SEPARATOR)}])`;
  return beginning;
}

/** The longest beginning that some texts have in common. */
function stemOf([first = '', ...others]: readonly string[]): string {
  const characters = [...first];
  const lengths = others.map((other) => {
    const theirs = [...other];
    const different = characters.findIndex((character, at) => character !== theirs[at]);
    return different === -1 ? characters.length : different;
  });
  return characters.slice(0, Math.min(characters.length, ...lengths)).join('');
}
