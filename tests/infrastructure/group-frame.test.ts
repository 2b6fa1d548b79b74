import { describe, expect, it } from 'vitest';
import { frameGroup } from '../../infrastructure/postgres/connection/group-frame.ts';

const write = { user: "o'neil", reads: false, statements: 2, startedAtMs: 1_000, timeoutMs: 5_000 };
const read = { ...write, reads: true, statements: 1 };
const OFFSET_MS = 500_000;

describe('the frame of a group', () => {
  it('names the user, and counts the deadline of a write from when its caller began to wait', () => {
    const { before, after } = frameGroup('postgresql', write, OFFSET_MS);
    expect(before.map(({ values }) => values)).toEqual([["o'neil", 1_000, 1_000, 503_500]]);
    expect(after).toEqual([]);
  });

  it('gives a read a limit that is shorter than its caller waits', () => {
    expect(frameGroup('postgresql', read, OFFSET_MS).before.map(({ values }) => values)).toEqual([["o'neil", 4_000]]);
  });

  it('is a transaction with local settings on Citus', () => {
    const { before, after } = frameGroup('citus', write, OFFSET_MS);
    expect(before.map(({ statement }) => statement.text)).toEqual([
      'rollback',
      'begin',
      "set local app.user_id = 'o''neil'",
      'set local statement_timeout = 1000',
      'set local lock_timeout = 1000',
      expect.stringContaining('clock_timestamp()'),
    ]);
    expect(before.at(-1)?.values).toEqual([503_500]);
    expect(after.map(({ statement }) => statement.text)).toEqual(['commit']);
    expect(frameGroup('citus', read, OFFSET_MS).before.map(({ statement }) => statement.text)).toEqual([
      'rollback',
      'begin',
      "set local app.user_id = 'o''neil'",
      'set local statement_timeout = 4000',
    ]);
  });
});
