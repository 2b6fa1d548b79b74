import { expect } from 'vitest';
import { SEPARATOR } from '../../domain/search-words.ts';
import { characterClass } from '../../infrastructure/postgres/tasks/character-class.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';

/** Every character that a text can contain. */
const CHARACTERS = `
  select n, chr(n) as character from generate_series(1, ${0x10ffff}) n where n not between ${0xd800} and ${0xdfff}`;

const isSeparator = (text: string) => `${text} ~ '^[${characterClass(SEPARATOR)}]+$'`;

const it = itWithDatabase();

it('separates words at the same characters as the domain, in all of Unicode', async ({ database }) => {
  const { rows } = await database.query(
    `select array_agg(n) as separators from (${CHARACTERS}) as every where ${isSeparator('character')}`,
  );
  const there = new Set<number>(rows[0].separators);
  const different = Array.from({ length: 0x10ffff }, (_, at) => at + 1)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .filter((code) => SEPARATOR.test(String.fromCodePoint(code)) !== there.has(code));
  expect(different).toEqual([]);
  expect(there.size).toBeGreaterThan(8_000);
});

it('separates the same words in lower case', async ({ database }) => {
  const { rows } = await database.query(
    `select n from (select n, character, lower(character collate "und-x-icu") as lower from (${CHARACTERS}) as every) as pairs
     where lower <> character and (${isSeparator('character')}) <> (${isSeparator('lower')})`,
  );
  expect(rows).toEqual([]);
});
