import { expect, it } from 'vitest';
import { groupSettings } from '../../infrastructure/postgres/connection/group-settings.ts';

it('counts the deadline of a write from when its caller began to wait, by the clock of the database', () => {
  const context = { reads: false, statements: 2, startedAtMs: 1_000, timeoutMs: 5_000 };
  expect(groupSettings(context, 500_000).values).toEqual(['1000', '1000', 503_500]);
});

it('gives a read a limit that is shorter than its caller waits', () => {
  const context = { reads: true, statements: 1, startedAtMs: 1_000, timeoutMs: 5_000 };
  expect(groupSettings(context, 500_000).values).toEqual(['4000']);
});
