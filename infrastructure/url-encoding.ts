/**
 * Finds a character that a URL with credentials must percent-encode. Parsers disagree about such URLs: libpq ends the
 * password at the first `@`, browsers at the last one, and a `#` in it cuts the URL off.
 *
 * @returns the fault and its remedy, without a part of the URL; `undefined` if there is none. Positions count from 1.
 */
export function findEncodingFault(url: string): string | undefined {
  const position = findUnencoded(url);
  if (position !== undefined) {
    const character = url.charAt(position);
    const name = NAMES[character] ?? (/[\s\p{Cc}]/u.test(character) ? 'a blank or control character' : character);
    return `has ${name} ${placeOf(url, position)}that is not percent-encoded: write ${encodeURIComponent(character)}`;
  }
  const percent = findWrongPercent(url);
  return percent === undefined
    ? undefined
    : `has a % ${placeOf(url, percent)}that encodes no character: write a percent sign as %25`;
}

const NAMES: Readonly<Record<string, string>> = { '@': 'an @', '/': 'a /', '?': 'a ?', '#': 'a #', ' ': 'a space' };

/** The only raw `@` ends the credentials, so that it comes before any `/`, `?` and `#`. */
function findUnencoded(url: string): number | undefined {
  const blank = url.search(/[\s\p{Cc}#]/u);
  if (blank >= 0) return blank;
  const start = authorityStart(url);
  const [first, last] = [url.indexOf('@', start), url.lastIndexOf('@')];
  if (first < start) return undefined;
  const delimiter = start + url.slice(start).search(/[/?]|$/);
  const query = url.indexOf('?', start);
  if (query >= 0 && query < last && url.slice(query, last).includes('=')) return last;
  if (delimiter < first) return delimiter;
  return first === last ? undefined : first;
}

/** A percent sign without two digits, or digits that are no UTF-8 or encode NUL, which PostgreSQL cannot store. */
function findWrongPercent(url: string): number | undefined {
  for (const { 0: run, index } of url.matchAll(/(?:%[0-9a-f]{2})+|%/gi)) {
    try {
      if (decodeURIComponent(run).includes('\0')) return index;
    } catch {
      return index;
    }
  }
  return undefined;
}

/** The position in words; within the credentials, with the part that has the character. */
function placeOf(url: string, position: number): string {
  const place = `at position ${position + 1} `;
  if (position >= url.lastIndexOf('@')) return place;
  return `${place}in the ${url.slice(authorityStart(url), position).includes(':') ? 'password' : 'user name'} `;
}

function authorityStart(url: string): number {
  const scheme = url.indexOf('://');
  return scheme < 0 ? 0 : scheme + 3;
}
