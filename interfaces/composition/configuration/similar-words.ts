/** The word that was probably meant: the same in another letter case, a longer or shorter form, or at most two edits away. */
export function closestWord(given: string, words: readonly string[]): string | undefined {
  const lower = given.toLowerCase();
  const isForm = (word: string) =>
    lower.length >= 3 && (word.toLowerCase().startsWith(lower) || lower.startsWith(word.toLowerCase()));
  return (
    words.find((word) => word.toLowerCase() === lower) ??
    words.find(isForm) ??
    words.find((word) => word.length > 3 && isSimilar(lower, word.toLowerCase(), 2))
  );
}

/** Whether at most so many insertions, deletions and replacements of a character turn one word into the other. */
export function isSimilar(from: string, to: string, edits: number): boolean {
  if (Math.abs(from.length - to.length) > edits) return false;
  let same = 0;
  while (same < from.length && from[same] === to[same]) same++;
  const [rest, other] = [from.slice(same), to.slice(same)];
  if (rest === '' || other === '') return rest.length + other.length <= edits;
  if (edits === 0) return false;
  const [next, otherNext] = [rest.slice(1), other.slice(1)];
  return (
    isSimilar(next, otherNext, edits - 1) || isSimilar(next, other, edits - 1) || isSimilar(rest, otherNext, edits - 1)
  );
}
