import type { Statement } from '../connection/statement.ts';

/**
 * The last positions of the users in a JSON array ($1). It is the only statement on several users.
 *
 * Row-level security shows a transaction the rows of one user, so the statement names one user after the other:
 * `offset 0` keeps PostgreSQL from reading a counter before its user is named. Its cost grows with the number of users.
 * A policy on a list of users would be evaluated for each row, and its cost would grow with the square.
 */
export const READ_POSITIONS: Statement = {
  name: 'taskwell_read_positions',
  text: `
    select named.user_id, last_position
    from json_array_elements_text($1::json) as watched (user_id)
    cross join lateral (
      select set_config('app.user_id', watched.user_id, true) as user_id offset 0
    ) as named
    cross join lateral (
      select last_position from task_counters where user_id = named.user_id offset 0
    ) as counter`,
  reads: true,
  slow: true,
};
