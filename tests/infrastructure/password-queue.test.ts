import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../application/application-errors.ts';
import { PasswordQueue } from '../../infrastructure/accounts/password-queue.ts';

interface End {
  resolve(hash: string): void;
  reject(error: Error): void;
}

/** Starts hashes that end when the test says so. */
function hashing(queue: PasswordQueue) {
  const started: string[] = [];
  const ends = new Map<string, End>();
  const run = (name: string) => {
    const ended = new Promise<string>((resolve, reject) => ends.set(name, { resolve, reject }));
    return queue.run(() => {
      started.push(name);
      return ended;
    });
  };
  return { started, run, endOf: (name: string) => ends.get(name)! };
}

const clock = { monotonicMs: () => 0 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the queue of passwords', () => {
  it('hashes a few at a time, in the order in which they came', async () => {
    const { started, run, endOf } = hashing(new PasswordQueue(clock, { atOnce: 2, waiting: 2, waitMs: 10 }));
    const all = ['a', 'b', 'c', 'd'].map(run);
    await turn();
    expect(started).toEqual(['a', 'b']);
    endOf('b').resolve('of b');
    expect(await all[1]).toBe('of b');
    await turn();
    expect(started).toEqual(['a', 'b', 'c']);
    for (const name of ['a', 'c', 'd']) endOf(name).resolve(`of ${name}`);
    expect(await Promise.all(all)).toEqual(['of a', 'of b', 'of c', 'of d']);
  });

  it('refuses at once what would wait too long', async () => {
    const { run, endOf } = hashing(new PasswordQueue(clock, { atOnce: 1, waiting: 1, waitMs: 10 }));
    const all = ['a', 'b'].map(run);
    await expect(run('c')).rejects.toThrow(Unavailable);
    for (const name of ['a', 'b']) endOf(name).resolve(name);
    expect(await Promise.all(all)).toEqual(['a', 'b']);
  });

  it('refuses what has waited too long when its turn comes, and goes on', async () => {
    let nowMs = 0;
    const queue = new PasswordQueue({ monotonicMs: () => nowMs }, { atOnce: 1, waiting: 3, waitMs: 10 });
    const { started, run, endOf } = hashing(queue);
    const [first, late] = ['a', 'b'].map(run);
    nowMs = 5;
    const inTime = run('c');
    nowMs = 11;
    endOf('a').resolve('a');
    await first;
    await expect(late).rejects.toThrow(Unavailable);
    endOf('c').resolve('c');
    expect(await inTime).toBe('c');
    expect(started).toEqual(['a', 'c']);
  });

  it('goes on after a hash that fails', async () => {
    const { started, run, endOf } = hashing(new PasswordQueue(clock, { atOnce: 1, waiting: 1, waitMs: 10 }));
    const [first, second] = ['a', 'b'].map(run);
    endOf('a').reject(new Error('no memory'));
    await expect(first).rejects.toThrow('no memory');
    endOf('b').resolve('b');
    expect(await second).toBe('b');
    const third = run('c');
    await turn();
    expect(started).toEqual(['a', 'b', 'c']);
    endOf('c').resolve('c');
    await third;
  });
});
