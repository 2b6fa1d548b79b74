import { expect, it } from 'vitest';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';

it('returns the time, later with every call', () => {
  const clock = new SystemClock();
  const before = Date.now();
  const instants = Array.from({ length: 2_500 }, () => clock.now());
  expect(instants).toEqual([...new Set(instants)].sort());
  const [first = '', last = ''] = [instants[0], instants.at(-1)];
  expect(Date.parse(first)).toBeGreaterThanOrEqual(before);
  // 2,500 of them within one millisecond would be three milliseconds ahead.
  expect(Date.parse(last)).toBeLessThanOrEqual(Date.now() + 3);
});
