import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Description } from '../../domain/description.ts';
import { InvalidValue } from '../../domain/domain-errors.ts';
import { Instant } from '../../domain/instant.ts';
import { Password } from '../../domain/password.ts';
import { occurIn, SearchWords } from '../../domain/search-words.ts';
import { TaskId } from '../../domain/task-id.ts';
import { TaskNumber } from '../../domain/task-number.ts';
import { Title } from '../../domain/title.ts';
import { UserId } from '../../domain/user-id.ts';

/** Four bytes in UTF-8, two units in UTF-16, one code point. */
const CART = '🛒';

/** Any text without lone surrogates. `fc.string({ unit: 'binary' })` makes the same, but takes seconds to build. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff })), { maxLength: 600 })
  .map((codePoints) => String.fromCodePoint(...codePoints));

function refusal(make: () => unknown): InvalidValue {
  try {
    make();
  } catch (error) {
    if (error instanceof InvalidValue) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a password', () => {
  it.each(['x'.repeat(8), CART.repeat(8), 'x'.repeat(128), CART.repeat(64), ' passwörd '])('can be %s', (raw) => {
    expect(Password(raw)).toBe(raw);
  });

  it.each(['', 'x'.repeat(7), CART.repeat(7), 'x'.repeat(129), CART.repeat(65), 'password\ud800', 'password\0'])(
    'cannot be %j',
    (raw) => {
      expect(refusal(() => Password(raw)).field).toBe('password');
    },
  );
});

describe('a title', () => {
  it('is trimmed', () => {
    expect(Title('\t\u00a0 Buy groceries \u3000\n')).toBe('Buy groceries');
  });

  it.each([
    ['one character', 'x'],
    ['one code point of two units', CART],
    ['500 characters', 'x'.repeat(500)],
    ['500 code points of two units', CART.repeat(500)],
    ['500 characters and white space around them', ` ${'x'.repeat(500)} `],
  ])('may have %s', (_, raw) => {
    expect(Title(raw)).toBe(raw.trim());
  });

  it.each([
    ['nothing', ''],
    ['white space alone', ' \t\n\u2003\ufeff'],
    ['control characters alone', '\u0001\u001b\u007f\u0085'],
    ['zero-width characters alone', '\u200b\u200d\u2060\ufeff\u00ad'],
    ['marks of direction alone', '\u200e\u202e\u2066'],
    ['white space between invisible characters alone', '\u200b \u3000\u200b'],
    ['variation selectors alone', '\ufe0f\u{e0100}\u180b'],
    ['tags alone', '\u{e0041}\u{e007f}'],
    ['the blank of braille alone', '\u2800'],
    ['the fillers of Hangul alone', '\u3164\u115f\u1160\uffa0'],
    ['the grapheme joiner alone', '\u034f'],
    ['U+0000 alone', '\0'],
    ['501 characters', 'x'.repeat(501)],
    ['501 code points of two units', CART.repeat(501)],
  ])('may not have %s', (_, raw) => {
    expect(refusal(() => Title(raw))).toMatchObject({ field: 'title', message: 'title must be 1 to 500 characters' });
  });

  it.each([
    ['a family of emoji', '👨\u200d👩\u200d👧'],
    ['a red heart', '❤\ufe0f'],
    ['a flag of tags', '🏴\u{e0067}\u{e0062}\u{e007f}'],
    ['a Persian word', 'می\u200cخواهم'],
    ['marks of direction', '\u200eשלום\u200f'],
    ['braille', '⠃\u2800⠥'],
    ['a letter of a private font', '\ue000'],
  ])('that is visible keeps its invisible characters: %s', (_, raw) => {
    expect(Title(raw)).toBe(raw);
  });

  it('takes a narrower limit', () => {
    expect(Title('x'.repeat(200), 200)).toHaveLength(200);
    expect(refusal(() => Title('x'.repeat(201), 200)).message).toBe('title must be 1 to 200 characters');
  });

  it.each([
    ['U+0000', 'a\0b'],
    ['a high surrogate alone', 'a\ud83d'],
    ['a low surrogate alone', '\uded2b'],
  ])('may not contain %s, which PostgreSQL cannot store', (_, raw) => {
    expect(refusal(() => Title(raw)).rule).toBe('must be valid Unicode text without U+0000');
  });

  it('accepts or refuses any text, and keeps the text that it accepts', () => {
    fc.assert(
      fc.property(anyText, (raw) => {
        const length = [...raw.trim()].length;
        const visible = /[^\p{Cc}\p{Cf}\p{Z}\p{DI}\u2800]/u.test(raw);
        const sound = visible && length <= 500 && !raw.includes('\0');
        if (sound) expect(Title(raw)).toBe(raw.trim());
        else expect(() => Title(raw)).toThrow(InvalidValue);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a description', () => {
  it('keeps its white space, and may be empty', () => {
    expect(Description('  Milk,\neggs ')).toBe('  Milk,\neggs ');
    expect(Description('')).toBe('');
  });

  it('has at most 100,000 code points', () => {
    expect(Description(CART.repeat(100_000))).toHaveLength(200_000);
    expect(refusal(() => Description(CART.repeat(100_001))).message).toBe(
      'description must be at most 100000 characters',
    );
  });

  it('may not contain U+0000', () => {
    expect(refusal(() => Description('\0')).field).toBe('description');
  });
});

describe('a user id', () => {
  it.each(['k3JdP0', '42', 'c0ffee00-0000-4000-8000-000000000000', ' ', CART.repeat(255)])('may be %j', (raw) => {
    expect(UserId(raw)).toBe(raw);
  });

  it.each(['', 'x'.repeat(256), 'a\0', '\ud83d'])('may not be %j', (raw) => {
    expect(refusal(() => UserId(raw)).field).toBe('user id');
  });
});

describe('a task id', () => {
  it('is a UUID in lower case', () => {
    expect(TaskId('0192F1A0-7B1C-7DEF-8ABC-0123456789AB')).toBe('0192f1a0-7b1c-7def-8abc-0123456789ab');
  });

  it.each([
    '',
    '1',
    '0192f1a07b1c7def8abc0123456789ab',
    '{0192f1a0-7b1c-7def-8abc-0123456789ab}',
    '0192f1a0-7b1c-7def-8abc-0123456789aX',
    '0192f1a0-7b1c-7def-8abc-0123456789ab\n',
  ])('is not %j', (raw) => {
    expect(refusal(() => TaskId(raw)).message).toBe('id must be a UUID');
  });
});

describe('a task number', () => {
  it.each([1, 42, Number.MAX_SAFE_INTEGER])('may be %d', (raw) => {
    expect(TaskNumber(raw)).toBe(raw);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1])('may not be %d', (raw) => {
    expect(refusal(() => TaskNumber(raw)).message).toBe('id must be an integer from 1 to 9007199254740991');
  });
});

describe('an instant', () => {
  it('is UTC to the microsecond', () => {
    expect(Instant('2026-11-20T17:00:00.123456Z')).toBe('2026-11-20T17:00:00.123456Z');
  });

  it.each(['2026-11-20T17:00:00Z', '2026-11-20 17:00:00.123456Z', '2026-11-20T17:00:00.123456+01:00', '20/11/2026'])(
    'is not %s',
    (raw) => {
      expect(() => Instant(raw)).toThrow(InvalidValue);
    },
  );
});

describe('the words of a search', () => {
  it('are the runs of letters and digits, as they are spelled', () => {
    expect(SearchWords(' Milk, 12 EGGS/día… ')).toEqual(['Milk', '12', 'EGGS', 'día']);
    expect(SearchWords('a-b_c')).toEqual(['a', 'b', 'c']);
    expect(SearchWords('①買い物 H₂O ⓘinfo 5️⃣')).toEqual(['買い物', 'H', 'O', 'info', '5']);
    expect(SearchWords('二〇二四 Ⅳ')).toEqual(['二〇二四', 'Ⅳ']);
    expect(SearchWords('हिन्दी cafe\u0301')).toEqual(['हिन्दी', 'cafe\u0301']);
  });

  it('are ten at most', () => {
    expect(SearchWords('a '.repeat(10))).toHaveLength(10);
    expect(refusal(() => SearchWords('a '.repeat(11))).message).toBe('q must be at most 10 words');
  });

  it.each(['', ' ', '%_', CART, '\u0301', '½'])('are not in %j', (raw) => {
    expect(refusal(() => SearchWords(raw)).message).toBe('q must contain a letter or a digit');
  });

  it('come from at most 200 code points', () => {
    expect(SearchWords(`a${CART.repeat(199)}`)).toEqual(['a']);
    expect(refusal(() => SearchWords('x'.repeat(201))).message).toBe('q must be at most 200 characters');
  });

  it('occur in a text if each of them begins one of its words', () => {
    const words = SearchWords('milk eg');
    expect(occurIn(['Buy MILK', '12 eggs'], words)).toBe(true);
    expect(occurIn(['eggs/milkshake'], words)).toBe(true);
    expect(occurIn(['Buy milk', 'no leg'], words)).toBe(false);
    expect(occurIn(['mil', 'k eg'], words)).toBe(false);
  });

  it('occur in either letter case and in a composed or decomposed spelling', () => {
    expect(occurIn(['ΟΔΟΣΗΜΑ'], SearchWords('ΟΔΟΣ'))).toBe(true);
    expect(occurIn(['Café'], SearchWords('CAFE\u0301'))).toBe(true);
    expect(occurIn(['Cafe\u0301'], SearchWords('CAFÉ'))).toBe(true);
    expect(occurIn(['Cafes'], SearchWords('Café'))).toBe(false);
  });
});
