/** The word that was probably meant: the same in another letter case, a longer or shorter form, or at most two edits away. */
export function closestWord(given: string, words: readonly string[]): string | undefined {
  const lower = given.toLowerCase();
  const isForm = (word: string) =>
    lower.length >= 3 && (word.toLowerCase().startsWith(lower) || lower.startsWith(word.toLowerCase()));
  return (
    words.find((word) => word.toLowerCase() === lower) ??
    words.find(isForm) ??
    words.find((word) => word.length > 3 && editDistance(lower, word.toLowerCase()) <= 2)
  );
}

/** The number of characters to insert, delete or replace to turn one word into the other (Levenshtein). */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, character] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
