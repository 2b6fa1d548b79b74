import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../application/application-errors.ts';
import { KeyedQueue } from '../../infrastructure/postgres/connection/keyed-queue.ts';

/** Work that ends when the test says so. */
function heldWork(log: string[], name: string) {
  let finish = () => {};
  const held = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const work = async () => {
    log.push(`${name} begins`);
    await held;
    log.push(`${name} ends`);
    return name;
  };
  return { work, finish };
}

describe('a keyed queue', () => {
  it('runs work with one key in order, and work with other keys at the same time', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const [one, two, other] = ['one', 'two', 'other'].map((name) => heldWork(log, name));
    const running = [
      queue.run('ann', 10_000, one!.work),
      queue.run('ann', 10_000, two!.work),
      queue.run('bob', 10_000, other!.work),
    ];
    expect(log).toEqual(['one begins', 'other begins']);
    expect(queue.waiting).toBe(1);
    for (const { finish } of [one!, two!, other!]) finish();
    expect(await Promise.all(running)).toEqual(['one', 'two', 'other']);
    expect(queue.waiting).toBe(0);
    expect(log.indexOf('two begins')).toBeGreaterThan(log.indexOf('one ends'));
  });

  it('goes on after work that failed', async () => {
    const queue = new KeyedQueue();
    const failed = queue.run('ann', 10_000, () => Promise.reject(new Error('failed')));
    const next = queue.run('ann', 10_000, async () => 'next');
    await expect(failed).rejects.toThrow('failed');
    expect(await next).toBe('next');
  });

  it('refuses work whose turn comes too late, and never runs it', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const [first, late] = ['first', 'late'].map((name) => heldWork(log, name));
    const running = queue.run('ann', 10_000, first!.work);
    await expect(queue.run('ann', 10, late!.work)).rejects.toThrow(Unavailable);
    first!.finish();
    await running;
    expect(await queue.run('ann', 10_000, async () => 'after')).toBe('after');
    expect(log).toEqual(['first begins', 'first ends']);
  });

  it('refuses work at once if a hundred pieces wait', async () => {
    const queue = new KeyedQueue();
    const { work, finish } = heldWork([], 'first');
    const running = Array.from({ length: 100 }, () => queue.run('ann', 60_000, work));
    await expect(queue.run('ann', 60_000, work)).rejects.toThrow(Unavailable);
    finish();
    expect(await Promise.all(running)).toHaveLength(100);
  });
});
