import type { Statement } from '../connection/statement.ts';

/** Erasing a user takes this and the next four statements, in one transaction. The lock blocks creates until it commits. */
export const LOCK_COUNTER: Statement = {
  name: 'taskwell_lock_counter',
  text: 'select last_number from task_counters where user_id = $1 for update',
};

export const REMOVE_ALL_TASKS: Statement = {
  name: 'taskwell_remove_all_tasks',
  text: 'delete from tasks where user_id = $1',
};

export const REMOVE_ALL_DELETIONS: Statement = {
  name: 'taskwell_remove_all_deletions',
  text: 'delete from task_deletions where user_id = $1',
};

export const REMOVE_ALL_KEYS: Statement = {
  name: 'taskwell_remove_all_keys',
  text: 'delete from idempotency_keys where user_id = $1',
};

/**
 * If there was no counter to lock, a create may have committed in between. Its counter and its task then stay: at READ
 * COMMITTED the subqueries see the snapshot of this statement, but the row to delete is its latest version, so a counter
 * that changed after the snapshot does not match.
 */
export const REMOVE_COUNTER: Statement = {
  name: 'taskwell_remove_counter',
  text: `
    delete from task_counters as mine where mine.user_id = $1
      and not exists (select from tasks where user_id = $1)
      and mine.last_number = (select last_number from task_counters where user_id = $1)
    returning last_number`,
};
