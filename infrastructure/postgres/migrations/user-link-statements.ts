/**
 * SQL that looks across users. Only `taskwell link-users` and `unlink-users` run it, never a request. `users` is the
 * name of the table of users, quoted by PostgreSQL.
 */

/** The foreign keys: counters refer to users, tasks to counters. */
export const LINKS = {
  counters: { table: 'task_counters', constraint: 'task_counters_user_fkey' },
  tasks: { table: 'tasks', constraint: 'tasks_counter_fkey' },
} as const;

/** Everything that a foreign key to the ids of a table depends on. $1 is the name of the table as people write it. */
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

/** The lock that adding a foreign key takes, and the one that dropping it takes. */
export type LockMode = 'share row exclusive' | 'access exclusive';

/**
 * Locks both of our tables before the table of users. A create locks the table of users last, so the other order would
 * deadlock with it.
 *
 * Which of our tables a create locks first depends on whether its statements are prepared. Under steady traffic the
 * opposite order would conflict on every attempt, so each attempt reverses the order.
 */
export function lockOurs(mode: LockMode, attempt: number): string {
  return `lock table ${attempt % 2 === 0 ? 'tasks, task_counters' : 'task_counters, tasks'} in ${mode} mode`;
}

/** Every foreign key of our tables, whether it is ours or not. */
export const FIND_LINKS = `
  select k.conrelid::regclass::text as table, k.conname as constraint, k.convalidated as valid,
    format('%I.%I', n.nspname, r.relname) as users
  from pg_constraint k
  join pg_class r on r.oid = k.confrelid
  join pg_namespace n on n.oid = r.relnamespace
  where k.contype = 'f' and k.conrelid in ('tasks'::regclass, 'task_counters'::regclass)`;

/** NOT VALID: existing rows are not checked, so the locks are held only for a moment. */
export const ADD_LINK = {
  counters: (users: string) => addLink(LINKS.counters, `${users} (id)`),
  tasks: () => addLink(LINKS.tasks, 'task_counters (user_id)'),
} as const;

/** Checks every existing row, while others read and write. */
export const VALIDATE_LINKS = [LINKS.counters, LINKS.tasks].map(
  ({ table, constraint }) => `alter table ${table} validate constraint ${constraint}`,
);

export function dropLink({ table, constraint }: (typeof LINKS)[keyof typeof LINKS]): string {
  return `alter table ${table} drop constraint if exists ${constraint}`;
}

/** The ten orphans with the most tasks, and with each of them the totals. Ids are compared byte by byte. */
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

/** To be run in this order: deleting a counter also deletes the tasks that were added since, through the foreign key. */
export const deleteOrphans = (users: string) => ({
  tasks: `delete from tasks as mine where ${isOrphan('mine', users)}`,
  counters: `delete from task_counters as mine where ${isOrphan('mine', users)}`,
});

/** For imported tasks: without a counter the next task of their user would be number 1 again. */
export const ADD_MISSING_COUNTERS = `
  insert into task_counters (user_id, last_number)
  select user_id, max(number) from tasks
  where not exists (select from task_counters as mine where mine.user_id = tasks.user_id)
  group by user_id
  on conflict (user_id) do nothing`;

function addLink({ table, constraint }: (typeof LINKS)[keyof typeof LINKS], target: string): string {
  return `
    alter table ${table} add constraint ${constraint}
    foreign key (user_id) references ${target} on delete cascade not valid`;
}

function isOrphan(alias: string, users: string): string {
  return `not exists (select from ${users} as known where known.id collate "C" = ${alias}.user_id)`;
}
