import { IDEMPOTENCY_KEY_HOURS } from '../../../domain/idempotency-key.ts';
import type { Statement } from '../connection/statement.ts';
import { microsOf } from './task-columns.ts';

/** How many old keys a statement forgets at most. */
const FORGOTTEN_AT_ONCE = 10;

/** Forgets old idempotency keys, among them the given one ($2) if it is old. */
export const FORGET_KEYS: Statement = {
  name: 'taskwell_forget_keys',
  text: `
    delete from idempotency_keys where user_id = $1
      and created_at <= now() - interval '${IDEMPOTENCY_KEY_HOURS} hours'
      and key = any (array(
        select key from idempotency_keys where user_id = $1 order by created_at limit ${FORGOTTEN_AT_ONCE}
      ) || $2::text)`,
};

/**
 * The last statement of a create with an idempotency key ($2). It violates the primary key (23505) if the key is known,
 * which undoes the create. $3 the fingerprint of the details, $4 the task.
 */
export const REMEMBER_KEY: Statement = {
  name: 'taskwell_remember_key',
  text: `
    insert into idempotency_keys (user_id, key, fingerprint, id, number, position, created_at)
    select user_id, $2, $3, id, number, position, created_at from tasks where user_id = $1 and id = $4`,
};

/** The fingerprint that belongs to a key ($2), and what the details lack to be the task that was created. */
export const FIND_KEY: Statement = {
  name: 'taskwell_find_key',
  text: `
    select fingerprint, id, number, position, ${microsOf('created_at')}
    from idempotency_keys where user_id = $1 and key = $2`,
  reads: true,
};
