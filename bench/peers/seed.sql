-- {users} users (:users) with {perUser} tasks (:per_user) each; whoever runs this replaces the two words in braces.
-- User u, from 0, is 'user-' and u in 27 digits: 32 characters. Task n of theirs, from 1, has the id u * {perUser} + n,
-- is a minute younger than the one before, and has a description if n is even.

insert into tasks (id, user_id, title, description, completed, created_at, updated_at)
select
  u * {perUser} + n,
  'user-' || lpad(u::text, 27, '0'),
  'Water the plants, shelf ' || lpad(n::text, 6, '0'),
  case when n % 2 = 0 then 'Not the cactus. The can is under the sink, behind shelf ' || lpad(n::text, 4, '0') end,
  n % 3 = 0,
  made.at,
  made.at
from generate_series(0::bigint, {users} - 1) as u
cross join generate_series(1, {perUser}) as n
cross join lateral (select now() - ({perUser} - n) * interval '1 minute') as made (at)
order by u, n;

select setval(pg_get_serial_sequence('tasks', 'id'), {users} * {perUser});

analyze tasks;
