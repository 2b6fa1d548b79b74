import fc from 'fast-check';
import { Title } from '../../domain/title.ts';

/**
 * Characters whose order every ICU since version 60 agrees on: the alphabet of the titles below. Later versions of Unicode
 * add characters, letter cases and ideographs, and move a few old ones, such as U+2018 to U+201F.
 */
const RANGES: readonly (readonly [from: number, to: number])[] = [
  [0x0001, 0x0377], // controls, Latin, combining marks, Greek
  [0x0386, 0x038a],
  [0x038e, 0x03a1],
  [0x03a3, 0x052f], // Greek, Cyrillic
  [0x0591, 0x05c7], // Hebrew
  [0x05d0, 0x05ea],
  [0x0620, 0x0669], // Arabic
  [0x0900, 0x097f], // Devanagari
  [0x0e01, 0x0e3a], // Thai, whose vowels are sorted after the consonant that follows them
  [0x0e40, 0x0e5b],
  [0x1100, 0x11ff], // parts of Hangul syllables
  [0x1e00, 0x1e9a],
  [0x1e9c, 0x1f15], // Latin with marks, Greek with marks
  [0x1f80, 0x1fb4],
  [0x2000, 0x2017], // spaces, zero-width characters, marks of direction
  [0x2020, 0x2064],
  [0x2100, 0x2179], // symbols that look like letters
  [0x2190, 0x23ff],
  [0x2800, 0x28ff], // braille
  [0x3041, 0x3096], // kana
  [0x3099, 0x30ff],
  [0x4e00, 0x4f63], // ideographs
  [0xac00, 0xd7a3], // Hangul syllables
  [0xfb00, 0xfb06], // ligatures
  [0xfe00, 0xfe0f], // variation selectors
  [0xff01, 0xffbe], // wide and narrow forms
  [0x10400, 0x1044f], // letters of two UTF-16 units
  [0x1f300, 0x1f64f], // emoji
  [0xe0100, 0xe01ef],
];

/** Different texts, many of which ICU sorts as equal, so that what breaks the tie is tested, too. */
const CONFUSABLE = [
  'a',
  'A',
  'ä',
  'a\u0308',
  'Å',
  '\u212b',
  'ｓ',
  'ß',
  'ss',
  'σ',
  'ς',
  'Σ',
  'İ',
  'ﬃ',
  '\u0001',
  '\u200b',
];
const MARKS = ['\u0301', '\u0323', '\u0345', '\u0329', '\ufe0f', '\u00ad', '🛒'];

const character = fc
  .oneof(...RANGES.map(([min, max]) => fc.integer({ min, max })))
  .map((codePoint) => String.fromCodePoint(codePoint));

const piece = fc.oneof(character, fc.constantFrom(...CONFUSABLE), fc.constantFrom(...CONFUSABLE, ...MARKS));
const spelling = fc.constantFrom(
  (text: string) => text,
  (text: string) => text.toUpperCase(),
  (text: string) => text.normalize('NFC'),
  (text: string) => text.normalize('NFD'),
  (text: string) => `${text}\u200b`,
);

/** Titles of which some differ only in letter case, in normalization or in characters that do not count. */
export const confusableTitles = fc
  .array(
    fc.tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.array(spelling, { minLength: 1, maxLength: 3 })),
    {
      minLength: 2,
      maxLength: 12,
    },
  )
  .map((texts) =>
    texts.flatMap(([pieces, spellings]) => spellings.map((spell) => spell(pieces.join(''))).filter(isStableTitle)),
  )
  .map((texts) => texts.map((text) => Title(text)));

const rootCollation = new Intl.Collator('en');

/** The order of two titles: Unicode's root collation, then code points, both of the decomposed text in lower case. */
export function compareTitles(first: string, second: string): number {
  const [a, b] = [first, second].map((title) => title.normalize('NFD').toLowerCase());
  return rootCollation.compare(a!, b!) || Buffer.compare(Buffer.from(a!), Buffer.from(b!));
}

/** Whether a text is a title, and all its characters are in the ranges: the upper case of a letter may be newer. */
function isStableTitle(text: string): boolean {
  try {
    Title(text);
  } catch {
    return false;
  }
  return [...text].every((each) => {
    const codePoint = each.codePointAt(0)!;
    return RANGES.some(([from, to]) => codePoint >= from && codePoint <= to);
  });
}
