/**
 * SQL that reads and writes the data of several users. Only `taskwell link-users` and `unlink-users` run it, never a
 * request. `users` is the name of the table of users, quoted by PostgreSQL.
 */

/** One of our foreign keys, with the statements that change it. */
export interface Link {
  readonly constraint: string;
  /** NOT VALID: existing rows are not checked, so the locks are held only briefly. */
  readonly add: (users: string) => string;
  /** Checks all existing rows while other sessions read and write. */
  readonly validate: string;
  readonly drop: string;
}

export const COUNTERS_LINK = link('task_counters', 'task_counters_user_fkey', (users) => `${users} (id)`);

/** In the order in which they are added. */
export const LINKS: readonly Link[] = [
  link('tasks', 'tasks_counter_fkey', () => 'task_counters (user_id)'),
  link('task_deletions', 'task_deletions_counter_fkey', () => 'task_counters (user_id)'),
  link('idempotency_keys', 'idempotency_keys_counter_fkey', () => 'task_counters (user_id)'),
  COUNTERS_LINK,
];

function link(table: string, constraint: string, target: (users: string) => string): Link {
  return {
    constraint,
    add: (users) => `
      alter table ${table} add constraint ${constraint}
      foreign key (user_id) references ${target(users)} on delete cascade not valid`,
    validate: `alter table ${table} validate constraint ${constraint}`,
    drop: `alter table ${table} drop constraint if exists ${constraint}`,
  };
}

/** The properties of a table that decide whether a foreign key can reference its ids. $1 is its name as operators write it. */
export const FIND_USER_TABLE = `
  select format('%I.%I', n.nspname, c.relname) as name,
    c.relkind in ('r', 'p') as is_table,
    format_type(a.atttypid, a.atttypmod) as id_type,
    a.atttypid in ('text'::regtype, 'varchar'::regtype) as is_text,
    coalesce(l.collisdeterministic, true) as is_deterministic,
    exists (
      select from pg_index i
      where i.indrelid = c.oid and i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null
        and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
    ) as is_unique
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_attribute a on a.attrelid = c.oid and a.attname = 'id' and a.attnum > 0 and not a.attisdropped
  left join pg_collation l on l.oid = a.attcollation
  where c.oid = to_regclass($1)`;

/**
 * Locks our tables before the table of users. A create locks the table of users last, so the reverse order would
 * deadlock with it.
 *
 * Which of our first two tables a create locks first depends on whether its statements are prepared. Under steady traffic, locking
 * in the opposite order would fail on every attempt. So each attempt reverses the order.
 *
 * @param mode the lock that adding or dropping a foreign key takes
 */
export function lockOurs(mode: 'share row exclusive' | 'access exclusive', attempt: number): string {
  const first = attempt % 2 === 0 ? 'tasks, task_counters' : 'task_counters, tasks';
  return `lock table ${first}, task_deletions, idempotency_keys in ${mode} mode`;
}

/** All foreign keys of our tables, also those that Taskwell did not create. */
export const FIND_LINKS = `
  select k.conrelid::regclass::text as table, k.conname as constraint, k.convalidated as valid,
    format('%I.%I', n.nspname, r.relname) as users
  from pg_constraint k
  join pg_class r on r.oid = k.confrelid
  join pg_namespace n on n.oid = r.relnamespace
  where k.contype = 'f' and k.conrelid in (
    'tasks'::regclass, 'task_counters'::regclass, 'task_deletions'::regclass, 'idempotency_keys'::regclass
  )`;

/** The ten orphans with the most tasks. Each row also has the totals. Ids are compared byte by byte. */
export const findOrphans = (users: string) => `
  select user_id, tasks, count(*) over () as all_users, sum(tasks) over () as all_tasks
  from (
    select user_id, sum(tasks) as tasks
    from (
      select user_id, count(*) as tasks from tasks group by user_id
      union all
      select user_id, 0 from task_counters
    ) as owner
    where ${isOrphan('owner', users)}
    group by user_id
  ) as orphan
  order by tasks desc, user_id
  limit 10`;

/**
 * Run them in this order: deleting a counter also deletes everything of the user that was added meanwhile, through the
 * foreign keys.
 */
export const deleteOrphans = (users: string) => ({
  tasks: `delete from tasks as mine where ${isOrphan('mine', users)}`,
  counters: `delete from task_counters as mine where ${isOrphan('mine', users)}`,
});

/** What is left of users whose counters were deleted. It has no text, and nobody can read it. */
export const DELETE_LEFTOVERS: readonly string[] = ['task_deletions', 'idempotency_keys'].map(
  (table) =>
    `delete from ${table} as mine where not exists (select from task_counters as known where known.user_id = mine.user_id)`,
);

/** For imported tasks: without a counter, the next task of their user would get the number 1 again. */
export const ADD_MISSING_COUNTERS = `
  insert into task_counters (user_id, last_number)
  select user_id, max(number) from tasks
  where not exists (select from task_counters as mine where mine.user_id = tasks.user_id)
  group by user_id
  on conflict (user_id) do nothing`;

function isOrphan(alias: string, users: string): string {
  return `not exists (select from ${users} as known where known.id collate "C" = ${alias}.user_id)`;
}
