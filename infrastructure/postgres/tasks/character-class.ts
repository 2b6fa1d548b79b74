/** All characters but ideographs beyond U+1FFFF, the planes for private use, and those that no version of Unicode assigns. */
const CHARACTERS = [
  [0x1, 0xd7ff],
  [0xe000, 0x1ffff],
  [0xe0000, 0xe0fff],
] as const;

/**
 * The characters that an expression matches, as PostgreSQL's regular expressions have them between brackets. They are ranges
 * of code points: what PostgreSQL's own classes contain depends on the locale of the database and on the system.
 *
 * @param matching matches one character, and none of the planes with ideographs or for private use
 */
export function characterClass(matching: RegExp): string {
  const runs = new RegExp(`(?:${matching.source})+`, 'gu');
  return CHARACTERS.flatMap(([first, last]) => [...charactersBetween(first, last).matchAll(runs)])
    .map(([run]) => rangeOf([...run]))
    .join('');
}

function charactersBetween(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, n) => String.fromCodePoint(first + n)).join('');
}

function rangeOf(run: readonly string[]): string {
  return run.length === 1 ? escaped(run[0]) : `${escaped(run[0])}-${escaped(run.at(-1))}`;
}

function escaped(character = ''): string {
  return `\\U${character.codePointAt(0)?.toString(16).padStart(8, '0')}`;
}
