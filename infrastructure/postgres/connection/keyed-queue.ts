import { databaseUnavailable } from './database-errors.ts';

/** The most pieces of work that wait for one key. */
const LENGTH_MAX = 100;

/** Runs work with the same key one piece after the other, in order. Work with different keys runs at the same time. */
export class KeyedQueue {
  private readonly queues = new Map<string, { waiting: number; last: Promise<unknown> }>();

  /** The pieces of work, of all keys, that wait for their turn. */
  get waiting(): number {
    let sum = 0;
    for (const { waiting } of this.queues.values()) sum += waiting - 1; // the first one runs
    return sum;
  }

  /**
   * @param patienceMs how long the work may wait for its turn
   * @throws Unavailable if the queue of the key is full, or the turn comes too late: then the work did not run
   */
  async run<Value>(key: string, patienceMs: number, work: () => Promise<Value>): Promise<Value> {
    const queue = this.queues.get(key);
    if (queue === undefined) return this.enqueue(key, { waiting: 0, last: Promise.resolve() }, work());
    if (queue.waiting >= LENGTH_MAX) throw databaseUnavailable();
    let late = false;
    let settle = () => {};
    const overdue = new Promise<never>((_, reject) => {
      const timer = setTimeout(() => {
        late = true;
        reject(databaseUnavailable());
      }, patienceMs);
      settle = () => clearTimeout(timer);
    });
    const turn = queue.last.then(() => {
      settle();
      if (late) throw databaseUnavailable();
      return work();
    });
    overdue.catch(() => {});
    return Promise.race([this.enqueue(key, queue, turn), overdue]);
  }

  private enqueue<Value>(
    key: string,
    queue: { waiting: number; last: Promise<unknown> },
    turn: Promise<Value>,
  ): Promise<Value> {
    this.queues.set(key, queue);
    queue.waiting += 1;
    queue.last = turn
      .catch(() => {})
      .then(() => {
        queue.waiting -= 1;
        if (queue.waiting === 0) this.queues.delete(key);
      });
    return turn;
  }
}
