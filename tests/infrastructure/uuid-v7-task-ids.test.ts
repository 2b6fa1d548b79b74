import { validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { UuidV7TaskIds } from '../../infrastructure/system/uuid-v7-task-ids.ts';

it('generates unique UUIDs of version 7 from the time', () => {
  const ids = new UuidV7TaskIds();
  const before = Date.now();
  const given = Array.from({ length: 1000 }, () => ids.next());
  const after = Date.now();
  expect(new Set(given.map((id) => id.slice(-12))).size).toBe(1000);
  for (const id of given) {
    expect(validate(id) && version(id) === 7).toBe(true);
    const time = Number.parseInt(id.slice(0, 13).replace('-', ''), 16);
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(after);
  }
});

it('generates ids in ascending order, also within a millisecond', () => {
  const ids = new UuidV7TaskIds();
  let last = ids.next();
  for (let n = 0; n < 100_000; n += 1) {
    const next = ids.next();
    if (next <= last) expect.fail(`${next} came after ${last}`);
    last = next;
  }
});
