import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { SchemaChangeRefused } from './schema-change-refused.ts';

/** How long to wait for another session that migrates. */
const WAIT_MS = 60_000;
/** How long a migration waits for a lock on a table. Requests queue behind it for the same time. */
const LOCK_TIMEOUT_MS = 5_000;
/** The key of the lock: the ASCII codes of `taskwell`. */
const [KEY_HIGH, KEY_LOW] = [0x7461736b, 0x77656c6c];

/**
 * Runs `work` in a transaction while no other session migrates the database. The lock ends with the transaction, so it
 * passes through a pooler in transaction mode, and nobody holds it after a crash.
 *
 * @param work may end the transaction
 * @throws SchemaChangeRefused if another session migrates for too long, or a table stays locked
 */
export async function withMigrationLock<Result>(
  client: pg.Client,
  work: () => Promise<Result>,
  waitMs = WAIT_MS,
): Promise<Result> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    await client.query(`begin; set local lock_timeout = ${LOCK_TIMEOUT_MS}; set local statement_timeout = 0`);
    try {
      if (await tryLock(client)) {
        const result = await work();
        await client.query('commit');
        return result;
      }
      if (performance.now() > deadline) throw new SchemaChangeRefused(await describeHolder(client, waitMs));
    } catch (error) {
      await client.query('rollback').catch(() => {}); // a lost connection has already ended the transaction
      throw explainLockTimeout(error);
    }
    await client.query('rollback');
    await pause(20 + Math.random() * 80);
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_xact_lock((${KEY_HIGH}::bigint << 32) + ${KEY_LOW}) as locked`,
  );
  return rows[0]?.locked === true;
}

async function describeHolder(client: pg.Client, waitMs: number): Promise<string> {
  const { rows } = await client.query<{ holder: string; pid: number }>(FIND_HOLDER);
  const [found] = rows;
  if (found === undefined) return 'Another session migrated the schema for too long: try again';
  const remedy = `Wait for it, or end it with select pg_terminate_backend(${found.pid})`;
  return `Another session has been migrating the schema for ${waitMs / 1000} s: ${found.holder}. ${remedy}`;
}

/** 55P03 lock_not_available. */
function explainLockTimeout(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError) || error.code !== '55P03') return error;
  const what = `Another transaction has held a lock on a table for ${LOCK_TIMEOUT_MS / 1000} s`;
  return new SchemaChangeRefused(`${what}: end it, or try again at a quiet time`, { cause: error });
}

/** `objsubid` 1 marks an advisory lock with a key of 64 bits. */
const FIND_HOLDER = `
  select pid, format('process %s of role %s from %s, %s since %s', pid, usename,
    coalesce(host(client_addr), 'this machine'), state, date_trunc('second', state_change)) as holder
  from pg_locks join pg_stat_activity using (pid)
  where locktype = 'advisory' and granted and objsubid = 1
    and classid = ${KEY_HIGH} and objid = ${KEY_LOW}
    and database = (select oid from pg_database where datname = current_database())`;
