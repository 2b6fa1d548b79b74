import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** How a transaction competes for locks. */
export interface LockRetryPolicy {
  /** How long an attempt waits for a lock, in milliseconds. Other sessions queue behind it for as long. */
  readonly lock: number;
  /** The same in the last fifth of the time. Above `deadlock_timeout`, an autovacuum that holds the lock is cancelled. */
  readonly lastLock: number;
  /** How long to go on trying, in milliseconds. */
  readonly total: number;
}

/**
 * Runs a transaction that gives way to others: an attempt that does not get a lock in time rolls back, and the next one
 * begins a little later.
 *
 * @param onExhausted makes the error to throw when the time is over
 * @param work gets the number of earlier attempts
 */
export async function withLockRetry<Result>(
  client: pg.Client,
  { lock, lastLock, total }: LockRetryPolicy,
  onExhausted: () => Error,
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
      await client.query('rollback').catch(() => {}); // a broken connection has already ended the transaction
      if (!isLockConflict(error)) throw error;
      if (Date.now() > deadline) throw onExhausted();
      await pause(lock * (1 + Math.random()));
    }
  }
}

/** 55P03 lock_not_available, 40P01 deadlock_detected. */
function isLockConflict(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '55P03' || error.code === '40P01');
}
