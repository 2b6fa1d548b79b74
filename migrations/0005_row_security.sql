-- Up Migration

-- The second lock. Each transaction of the server sets app.user_id, and the policies show it only the rows of that user,
-- even if a statement forgot its user_id. They do not bind the owner of the tables, superusers and roles with BYPASSRLS,
-- so that the server should sign in as another role (taskwell migrate --roles). FORCE would bind the owner as well, and
-- with it the migrations; Citus cannot move shards of such tables.
--
-- Without app.user_id, current_setting returns null or '', and no row matches.

alter table task_counters enable row level security;
create policy task_counters_of_user on task_counters
  using (user_id = current_setting('app.user_id', true));

alter table tasks enable row level security;
create policy tasks_of_user on tasks
  using (user_id = current_setting('app.user_id', true));

-- Down Migration

drop policy tasks_of_user on tasks;
alter table tasks disable row level security;

drop policy task_counters_of_user on task_counters;
alter table task_counters disable row level security;
