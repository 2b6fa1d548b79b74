-- taskwell_change_task_by_number, toggled
-- To be run with -M prepared -D users=USERS -D per_user=PER_USER, against Taskwell's own schema.
-- The statement is that of infrastructure/postgres/tasks/task-statements.ts; only the user id, a text, has to be made here.
\set user random(0, :users - 1)
\set number random(1, :per_user)
with counter as (
  update task_counters set last_position = last_position + 1 where user_id = 'user-' || lpad(:user::text, 27, '0')
  returning last_position
)
update tasks set
  title = coalesce(null::text, title),
  description = case when false::boolean then null::text else description end,
  completed = case when true::boolean then not completed else coalesce(null::boolean, completed) end,
  updated_at = greatest(updated_at, now()),
  version = version + 1,
  position = last_position
from counter
where user_id = 'user-' || lpad(:user::text, 27, '0') and number = :number
returning id, number, title, description, completed, created_at, updated_at, version, position;
