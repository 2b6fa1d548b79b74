import { InvalidValue } from './domain-errors.ts';

/**
 * Checks that PostgreSQL can store a text, which excludes U+0000 and lone surrogates, and that its length is within
 * `min` and `max`. Length counts Unicode code points, as PostgreSQL and Python do.
 *
 * @throws InvalidValue
 */
export function checkText(field: string, text: string, { min, max }: { min: number; max: number }): void {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new InvalidValue(field, 'must be valid Unicode text without U+0000');
  }
  // A text has at least half as many code points as UTF-16 code units, so most texts need no counting.
  const length = text.length <= max && text.length >= 2 * min ? text.length : codePoints(text);
  if (length < min || length > max) {
    throw new InvalidValue(
      field,
      min === 0 ? `must be at most ${max} characters` : `must be ${min} to ${max} characters`,
    );
  }
}

/** The number of code points of a well-formed text. */
function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
