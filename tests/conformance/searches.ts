import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import { Description } from '../../domain/description.ts';
import { occurIn, SEPARATOR, SearchWords } from '../../domain/search-words.ts';
import { Title } from '../../domain/title.ts';
import { actionsOn } from './actions.ts';
import { aNewTask, aUser } from './builders.ts';
import { readPages } from './list-pages.ts';

const SEPARATORS = new RegExp(SEPARATOR, 'gu');

/** Title, description, a search that finds the task, and one that does not. */
const EXAMPLES: readonly (readonly [title: string, description: string | undefined, found: string, missed: string])[] =
  [
    ['Buy milk, eggs', undefined, 'MIL egg', 'milky'],
    ['Call Ann', 'about the report.', 'rep call', 'all'],
    ['Ship v2.10', 'see docs/api/paging.md', '10 paging', 'aging'],
    ['Read https://example.com/a-b?c=d', undefined, 'com/a b', 'xample'],
    ['Mail bob@example.org', '“quoted” (text)', 'bob quot', 'ob'],
    ['Grüße an ÄNNE', undefined, 'grü änn', 'grue'],
    ['買い物リスト', undefined, '買い', 'リスト'],
    ['हिन्दी सीखना', undefined, 'हिन्दी', 'खाना'],
    ['cafe\u0301 <b>İstanbul</b>', undefined, 'caf cafe\u0301 İstan b', 'afe'],
    ['ΟΔΟΣ Ωμέγα', undefined, 'ωμέ', 'δος'],
    ['50% off_now', "it's -5 degrees, 1e5", '50 now 5 1e', '0'],
    ['Party 🎉tonight', '👩‍👩‍👧kids❤️3×4', 'tonight kids 3 4', 'night'],
    ['①買い物', undefined, '①買い物 買い物', 'い物'],
    ['㈱ソニー', undefined, '㈱ソニー ソニ', 'ニー'],
    ['H₂O bottle', undefined, 'H₂O bot', '2'],
    ['№5 perfume', '5️⃣kids', '№5 5 kids', 'no'],
    ['⅓cup milk', undefined, '⅓cup cup', '3'],
    ['x⁴y', undefined, 'x⁴y y', '4'],
    ['ⓘinfo', undefined, 'ⓘinfo info', 'nfo'],
    // The capitals are newer than the ICU of the embedded PostgreSQL.
    ['ᲗᲑᲘᲚᲘᲡᲘ', undefined, 'ᲗᲑᲘᲚᲘᲡᲘ ᲗᲑ', 'ᲑᲘᲚ'],
    ['ΟΔΟΣΗΜΑ', 'Πέτρος', 'ΟΔΟΣ οδος οδοσ ΠΈΤΡΟΣ', 'σημα'],
    ['Café', '한국어', 'CAFE\u0301 한국'.normalize('NFD'), 'cafe\u0301s'],
    ['Cafe\u0301', '한국어'.normalize('NFD'), 'CAFÉ 한국', 'afé'],
  ];

/** Tests of searches for words. */
export function searchTests(repository: () => TaskRepository): void {
  it.each(EXAMPLES)('finds %j (%j) by %j, but not by %j', async (title, description, found, missed) => {
    const mine = actionsOn(repository().ownedBy(aUser()));
    await mine.add(aNewTask({ title: Title('Something else') }));
    const task = await mine.add(
      aNewTask({ title: Title(title), description: description === undefined ? undefined : Description(description) }),
    );
    for (const order of ['newest', 'title'] as const) {
      expect(await mine.list({ order, search: SearchWords(found) })).toEqual([task]);
      expect(await mine.list({ order, search: SearchWords(missed) })).toEqual([]);
      expect(await mine.list({ order, search: SearchWords(`${found} ${missed}`) })).toEqual([]);
    }
  });

  it('finds the same tasks in the list and in its pages, in the same order, and counts them', async () => {
    const owned = repository().ownedBy(aUser());
    const mine = actionsOn(owned);
    for (let added = 0; added < 600; added += 40) {
      await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          mine.add(aNewTask({ title: Title(`${n % 10 === 9 ? 'odd' : 'Even'} ${n % 7}`) })),
        ),
      );
    }
    for (const { id } of (await mine.list({ order: 'newest' })).slice(0, 30))
      await mine.change({ id }, { completed: true });
    for (const order of ['newest', 'title'] as const) {
      const all = await mine.list({ order });
      for (const completed of [undefined, true]) {
        const expected = all.filter((task) => /^Even/.test(task.title) && (!completed || task.completed));
        const query = { order, completed, search: SearchWords('even') };
        expect(await mine.list(query)).toEqual(expected);
        expect(await readPages(owned, query, 70)).toEqual(expected);
        expect(await owned.page({ ...query, counted: true }, 1)).toMatchObject({ total: expected.length });
        for await (const batch of owned.list({ ...query, counted: true })) expect(batch.total).toBe(expected.length);
      }
    }
  });

  it('searches long descriptions, and ones whose words are too long for an index', async () => {
    const mine = actionsOn(repository().ownedBy(aUser()));
    const text = Array.from({ length: 33_000 }, (_, n) => String.fromCodePoint(0x20000 + n)).join(' ');
    const long = await mine.add(aNewTask({ description: Description(`${text} milk`) }));
    await mine.add(aNewTask({ description: Description('🛒'.repeat(100_000)) }));
    const wide = await mine.add(aNewTask({ description: Description(`${'x'.repeat(50_000)} eggs`) }));
    const ideographs = await mine.add(aNewTask({ description: Description('買'.repeat(100_000)) }));
    expect(await mine.list({ order: 'newest', search: SearchWords('mil') })).toEqual([long]);
    expect(await mine.list({ order: 'title', search: SearchWords('eggs') })).toEqual([wide]);
    expect(await mine.list({ order: 'newest', search: SearchWords('x'.repeat(200)) })).toEqual([wide]);
    expect(await mine.list({ order: 'title', search: SearchWords('買'.repeat(200)) })).toEqual([ideographs]);
  });

  it('finds words of letters and digits between any simple punctuation', async () => {
    const word = fc.string({ unit: fc.constantFrom(...'abAB12éÉßя'), minLength: 1, maxLength: 3 });
    const between = fc.constantFrom(
      ' ',
      ', ',
      '. ',
      '-',
      '/',
      ':',
      '@',
      '://',
      "'",
      '_',
      '\n',
      '—',
      '“',
      '…',
      '+',
      '&',
      '<',
      '>',
    );
    const text = fc
      .array(fc.tuple(word, between), { minLength: 1, maxLength: 6 })
      .map((parts) => `x ${parts.flat().join('')}`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 6 }),
        fc.array(word, { minLength: 1, maxLength: 2 }),
        async (titles, words) => {
          const mine = actionsOn(repository().ownedBy(aUser()));
          for (const title of titles) await mine.add(aNewTask({ title: Title(title) }));
          const wanted = words.map((one) => one.toLowerCase());
          const matching = titles.filter((title) => {
            const there = title.toLowerCase().split(/[^a-z0-9éßя]+/);
            return wanted.every((one) => there.some((other) => other.startsWith(one)));
          });
          const found = await mine.list({ order: 'newest', search: SearchWords(words.join(' ')) });
          expect(found.map(({ title }) => title)).toEqual(matching.map((title) => title.trim()).toReversed());
        },
      ),
      { numRuns: 40 },
    );
  });

  it('finds any text by all of it, and by prefixes of its words, composed or decomposed', async () => {
    const character = fc.oneof(
      fc.constantFrom(...'aB1éßΣςσİǅ買ゾहिन्แมำ한ᄒ\u0301\u0323\u093cⅣ①㈱₂№⅓⁴ⓘⒾ❤️⃣\u200d\u{e000}\u{e0100}\u{1f6d2} -_'),
      fc.integer({ min: 1, max: 0xd7ff }).map((code) => String.fromCodePoint(code)),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    );
    const title = fc
      .string({ unit: character, minLength: 1, maxLength: 12 })
      .filter(isTitle)
      .map((text) => Title(text));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(title, { minLength: 1, maxLength: 4 }), fc.nat(), async (titles, seed) => {
        const mine = actionsOn(repository().ownedBy(aUser()));
        for (const one of titles) await mine.add(aNewTask({ title: one }));
        for (const one of titles) {
          for (const search of searchesFor(one, seed)) {
            const expected = titles.filter((other) => occurIn([other], search));
            expect(expected).toContain(one);
            const found = await mine.list({ order: 'newest', search });
            expect(found.map((task) => task.title)).toEqual(expected.toReversed());
          }
        }
      }),
      { numRuns: 60 },
    );
  });
}

function isTitle(text: string): boolean {
  try {
    return Title(text) !== '';
  } catch {
    return false;
  }
}

/** The whole title, each word and a prefix of each: those that have a word. The other spelling of what has one, too. */
function searchesFor(title: Title, seed: number): readonly SearchWords[] {
  const words = title.split(SEPARATOR);
  const prefixes = words.map((word) => [...word].slice(0, 1 + (seed % [...word].length)).join(''));
  return [title, ...[...words, ...prefixes].flatMap(spellingsFor)]
    .filter((text) => /\P{M}/u.test(text.replace(SEPARATORS, '')))
    .map(SearchWords);
}

function spellingsFor(word: string): readonly string[] {
  const normal = [word.normalize('NFC'), word.normalize('NFD')];
  return normal.includes(word) ? normal : [word];
}
