import { describe, expect, it } from 'vitest';
import type { Statement, TextRow } from '../../infrastructure/postgres/connection/statement.ts';
import { LIST_TASKS, PAGE_SIZE } from '../../infrastructure/postgres/tasks/list-statements.ts';
import { listInBatches } from '../../infrastructure/postgres/tasks/task-list.ts';
import { aUser } from '../conformance/builders.ts';

const KIB = 1024;
const OWNER = aUser();

/** A row of a page. @param missing the bytes of its long texts */
function row(number: number, { missing = 0, completed = false, description = null as string | null } = {}): TextRow {
  const at = String(1_795_885_200_000_000 + number);
  const flag = completed ? 't' : 'f';
  return [
    `id-${number}`,
    String(number),
    'Title',
    description,
    flag,
    at,
    at,
    '1',
    '1',
    missing === 0 ? null : `${missing}`,
  ];
}

const rows = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => row(from - index));

/** A database that answers with these rows, one array for each statement. */
function answering(...answers: (readonly TextRow[] | Error)[]) {
  const asked: [statement: Statement, ...values: unknown[]][] = [];
  const run = async (...statement: [Statement, ...unknown[]]) => {
    asked.push(statement);
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('one statement too many');
    return answer;
  };
  return { asked, run };
}

async function read(list: ReturnType<typeof listInBatches>): Promise<[numbers: number[], isLast: boolean][]> {
  const batches: [number[], boolean][] = [];
  for await (const { tasks, isLast } of list) batches.push([tasks.map(({ number }) => number), isLast]);
  return batches;
}

describe('a list in PostgreSQL', () => {
  it.each(['newest', 'title'] as const)('that fits in a page takes one statement (%s)', async (order) => {
    for (const completed of [undefined, true, false]) {
      const { asked, run } = answering(rows(3, 1).map(([...values]) => values.with(4, completed ? 't' : 'f')));
      expect(await read(listInBatches(OWNER, run, { order, completed }))).toEqual([[[3, 2, 1], true]]);
      expect(asked).toHaveLength(1);
    }
  });

  it('that is longer goes on behind the last task of each page, by its time in microseconds', async () => {
    const { asked, run } = answering(rows(1_010, 511), rows(510, 11), rows(10, 1));
    const batches = await read(listInBatches(OWNER, run, { order: 'newest' }));
    expect(batches.map(([numbers, isLast]) => [numbers.length, isLast])).toEqual([
      [500, false],
      [500, false],
      [10, true],
    ]);
    expect(asked).toEqual([
      [LIST_TASKS.newest.first],
      [LIST_TASKS.newest.next, '1795885200000511', '511'],
      [LIST_TASKS.newest.next, '1795885200000011', '11'],
    ]);
  });

  it('reads no page before it is asked for, and holds nothing for a caller who stops', async () => {
    const { asked, run } = answering(rows(1_000, 501));
    const list = listInBatches(OWNER, run, { order: 'newest' });
    expect(asked).toHaveLength(0);
    await list.next();
    expect(asked).toHaveLength(1);
    await list.return(undefined);
    expect(asked).toHaveLength(1);
  });

  it('by title is sorted once, and read by its numbers', async () => {
    const numbers = Array.from({ length: PAGE_SIZE + 2 }, (_, index) => ((index * 7) % (PAGE_SIZE + 2)) + 1);
    const { asked, run } = answering(
      rows(PAGE_SIZE, 1),
      [[numbers.join(',')]],
      rows(PAGE_SIZE + 2, 1).slice(0, -1), // one was deleted meanwhile
      rows(PAGE_SIZE + 2, 1),
    );
    const listed = await read(listInBatches(OWNER, run, { order: 'title' }));
    expect(listed).toEqual([
      [numbers.slice(0, PAGE_SIZE).filter((number) => number !== 1), false],
      [numbers.slice(PAGE_SIZE), true],
    ]);
    expect(asked.slice(2)).toEqual([
      [LIST_TASKS.byNumbers, `{${numbers.slice(0, PAGE_SIZE)}}`],
      [LIST_TASKS.byNumbers, `{${numbers.slice(PAGE_SIZE)}}`],
    ]);
  });

  it('by title may end where a page ends', async () => {
    const numbers = rows(PAGE_SIZE, 1).map(([, number]) => number);
    const { run } = answering(rows(PAGE_SIZE, 1), [[numbers.join(',')]], rows(PAGE_SIZE, 1));
    expect(await read(listInBatches(OWNER, run, { order: 'title' }))).toEqual([[numbers.map(Number), true]]);
  });

  it('leaves out tasks whose completion changed after they were selected', async () => {
    const { run } = answering([row(3), row(2, { completed: true }), row(1)]);
    expect(await read(listInBatches(OWNER, run, { order: 'newest', completed: false }))).toEqual([[[3, 1], true]]);
  });

  it('reads long texts afterwards, a part of them at a time, and leaves out tasks that are deleted by then', async () => {
    const [a, b] = [row(4, { missing: 150 * KIB }), row(2, { missing: 130 * KIB })];
    const { asked, run } = answering(
      [row(5), a, row(3), b, row(1, { missing: 5 * KIB })],
      [row(4, { description: 'whole' })],
      [row(1)],
    );
    const descriptions: unknown[] = [];
    for await (const { tasks, isLast } of listInBatches(OWNER, run, { order: 'newest' })) {
      descriptions.push([tasks.map(({ number, description }) => [number, description]), isLast]);
    }
    expect(descriptions).toEqual([
      [
        [
          [5, undefined],
          [4, 'whole'],
          [3, undefined],
        ],
        false,
      ],
      [[[1, undefined]], true],
    ]);
    expect(asked.slice(1)).toEqual([
      [LIST_TASKS.whole, '{4}'],
      [LIST_TASKS.whole, '{2,1}'],
    ]);
  });
});
