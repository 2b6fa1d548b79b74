import { describe, expect, it } from 'vitest';
import type { Instant } from '../../domain/instant.ts';
import type { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import type { BoundStatement, TextRow } from '../../infrastructure/postgres/connection/statement.ts';
import { microsFromInstant } from '../../infrastructure/postgres/tasks/micros-from-instant.ts';
import { OwnerStatements } from '../../infrastructure/postgres/tasks/owner-statements.ts';
import { readPage } from '../../infrastructure/postgres/tasks/task-page.ts';
import { aUser } from '../conformance/builders.ts';

const KIB = 1024;
const MICROS = 1_795_885_200_000_000;

/** A row of a page. @param missing the bytes of its long texts */
function row(number: number, { missing = 0, completed = 'f', title = `Task ${number}` } = {}): TextRow {
  const at = String(MICROS + number);
  const bytes = missing === 0 ? null : String(missing);
  return [`id-${number}`, String(number), title, null, completed, at, at, '1', '1', bytes];
}

/** A database that has this page, and these rows when long texts are read. */
function having(page: readonly TextRow[], whole: readonly TextRow[] = []) {
  const groups: (readonly BoundStatement[])[] = [];
  const runGroup = async (group: readonly BoundStatement[]) => {
    groups.push(group);
    return group.length === 1 ? [{ rows: whole, count: 1 }] : group.map(() => ({ rows: page, count: 1 }));
  };
  const database = { runGroup } as Partial<PostgresDatabase> as PostgresDatabase;
  return { groups, statements: new OwnerStatements(database, aUser()) };
}

describe('a page in PostgreSQL', () => {
  it('takes one group of statements, and reads one row more than its limit', async () => {
    const { groups, statements } = having([row(3), row(2), row(1)]);
    const { tasks, next } = await readPage(statements, { order: 'newest' }, 2, undefined);
    expect(tasks.map(({ number }) => number)).toEqual([3, 2]);
    expect(next).toEqual({ createdAt: '2026-11-28T17:00:00.000002Z', number: 2, title: 'Task 2' });
    expect(groups.map((group) => group.map(({ statement }) => statement.name))).toEqual([
      ['taskwell_read_state', 'taskwell_page_newest'],
    ]);
    expect(groups[0]?.[1]?.values.slice(1)).toEqual([3, Number.MAX_SAFE_INTEGER, 0]);
  });

  it('ends where its long texts would exceed 1 MiB, and the next one begins there', async () => {
    const rows = [row(3, { missing: 600 * KIB }), row(2, { missing: 500 * KIB }), row(1)];
    const { statements } = having(rows, [row(3)]);
    const { tasks, next } = await readPage(statements, { order: 'newest' }, 100, undefined);
    expect(tasks.map(({ number }) => number)).toEqual([3]);
    expect(next).toMatchObject({ number: 3 });
  });

  it('goes on behind a task as it was listed, although it was renamed and completed since', async () => {
    const rows = [row(2, { missing: KIB, title: 'old' }), row(1)];
    const { statements } = having(rows, [row(2, { completed: 't', title: 'new' })]);
    const { tasks, next } = await readPage(statements, { order: 'title', completed: false }, 1, undefined);
    expect(tasks).toEqual([]);
    expect(next).toMatchObject({ number: 2, title: 'old' });
  });
});

describe('the microseconds of an instant', () => {
  it.each([
    ['1970-01-01T00:00:00.000001Z', '1'],
    ['1969-12-31T23:59:59.999999Z', '-1'],
    ['2026-11-28T17:00:00.123456Z', '1795885200123456'],
    ['9999-12-31T23:59:59.999999Z', '253402300799999999'],
  ])('%s', (instant, micros) => {
    expect(microsFromInstant(instant as Instant)).toBe(micros);
  });
});
