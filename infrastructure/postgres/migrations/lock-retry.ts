import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { SchemaChangeRefused } from './schema-change-refused.ts';

/** How long a transaction waits for locks, in milliseconds. */
export interface LockRetryPolicy {
  /** How long an attempt waits for a lock. Other sessions queue behind it for the same time. */
  readonly lock: number;
  /** The same in the last fifth of `total`. After `deadlock_timeout`, PostgreSQL cancels an autovacuum that holds the lock. */
  readonly lastLock: number;
  /** How long to retry. */
  readonly total: number;
}

/**
 * Runs a transaction that gives way to other sessions: if it does not get a lock in time, it rolls back and tries again a
 * little later.
 *
 * @param work receives the number of earlier attempts
 * @throws SchemaChangeRefused if the last attempt does not get its locks either
 */
export async function withLockRetry<Result>(
  client: pg.Client,
  { lock, lastLock, total }: LockRetryPolicy,
  work: (attempt: number) => Promise<Result>,
): Promise<Result> {
  const deadline = performance.now() + total;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const wait = deadline - performance.now() > total / 5 ? lock : lastLock;
      await client.query(`begin; set local lock_timeout = ${wait}; set local statement_timeout = 0`);
      const result = await work(attempt);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {}); // a lost connection has already ended the transaction
      if (!isLockConflict(error)) throw error;
      if (performance.now() > deadline) {
        throw new SchemaChangeRefused(
          `Another transaction has held locks on the tables for ${total / 1000} s: try again when it has ended`,
        );
      }
      await pause(lock * (1 + Math.random()));
    }
  }
}

/** 55P03 lock_not_available, 40P01 deadlock_detected. */
function isLockConflict(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '55P03' || error.code === '40P01');
}
