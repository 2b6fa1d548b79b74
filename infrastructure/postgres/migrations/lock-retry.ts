import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** In milliseconds. */
export interface LockRetryPolicy {
  /** How long to wait for a lock at first: whoever comes after waits behind us for as long. */
  readonly lock: number;
  /** How long to wait in the last fifth of the time: above `deadlock_timeout`, when an autovacuum in the way gives in. */
  readonly lastLock: number;
  /** How long to try again, with the same time in between for others. */
  readonly total: number;
}

/**
 * Does something in a transaction that gives way: where it does not get a lock soon, it begins again a little later.
 *
 * @param refused the error once patience is at its end
 * @param work gets how often it was begun before
 */
export async function briefTransaction<Result>(
  client: pg.Client,
  { lock, lastLock, total }: LockRetryPolicy,
  refused: () => Error,
  work: (attempt: number) => Promise<Result>,
): Promise<Result> {
  const deadline = Date.now() + total;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const wait = deadline - Date.now() > total / 5 ? lock : lastLock;
      await client.query(`begin; set local lock_timeout = ${wait}; set local statement_timeout = 0`);
      const result = await work(attempt);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {}); // a connection that broke has ended the transaction itself
      if (!isTaken(error)) throw error;
      if (Date.now() > deadline) throw refused();
      await pause(lock * (1 + Math.random()));
    }
  }
}

/** 55P03 lock_not_available, 40P01 deadlock_detected. */
function isTaken(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '55P03' || error.code === '40P01');
}
