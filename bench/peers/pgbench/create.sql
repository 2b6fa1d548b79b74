-- taskwell_create_task; the id, a version 7 UUID, is made by the server of Taskwell and here by PostgreSQL
-- To be run with -M prepared -D users=USERS -D per_user=PER_USER, against Taskwell's own schema.
-- The statement is that of infrastructure/postgres/tasks/task-statements.ts; only the user id, a text, has to be made here.
\set user random(:users, 2 * :users - 1)
with counter as (
  insert into task_counters as mine (user_id, last_number, last_position) values ('user-' || lpad(:user::text, 27, '0'), 1, 1)
  on conflict (user_id) do update
  set last_number = mine.last_number + 1, last_position = mine.last_position + 1
    where mine.user_id = 'user-' || lpad(:user::text, 27, '0')
  returning last_number, last_position
)
insert into tasks (user_id, id, number, position, title, description)
select
  'user-' || lpad(:user::text, 27, '0'),
  (
    lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
    || '7' || substr(gen_random_uuid()::text, 16)
  )::uuid,
  counter.last_number,
  counter.last_position,
  'Water the plants, shelf 000001',
  null
from counter
returning id, number, title, description, completed, created_at, updated_at, version, position;
