-- {users} users with {perUser} tasks each, in Taskwell's own tables: the same tasks as in peers/seed.sql, each with its
-- number within the user, a UUID as Taskwell would have made it at that time, and the counters filled.

insert into tasks (user_id, id, number, title, description, completed, created_at, updated_at)
select
  'user-' || lpad(u::text, 27, '0'),
  (
    lpad(to_hex((extract(epoch from made.at) * 1000)::bigint), 12, '0')
    || '7' || substr(random.hex, 1, 3) || '8' || substr(random.hex, 4, 15)
  )::uuid,
  n,
  'Water the plants, shelf ' || lpad(n::text, 6, '0'),
  case when n % 2 = 0 then 'Not the cactus. The can is under the sink, behind shelf ' || lpad(n::text, 4, '0') end,
  n % 3 = 0,
  made.at,
  made.at
from generate_series(0::bigint, {users} - 1) as u
cross join generate_series(1, {perUser}) as n
cross join lateral (select date_trunc('day', now()) - ({perUser} - n) * interval '1 minute') as made (at)
cross join lateral (select md5(u || '-' || n)) as random (hex)
order by u, n;

insert into task_counters (user_id, last_number)
select 'user-' || lpad(u::text, 27, '0'), {perUser} from generate_series(0::bigint, {users} - 1) as u;

analyze tasks;
analyze task_counters;
