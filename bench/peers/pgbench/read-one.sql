-- taskwell_find_task_by_number
-- To be run with -M prepared -D users=USERS -D per_user=PER_USER, against Taskwell's own schema.
-- The statement is that of infrastructure/postgres/tasks/task-statements.ts; only the user id, a text, has to be made here.
\set user random(0, :users - 1)
\set number random(1, :per_user)
select id, number, title, description, completed, created_at, updated_at, version, position from tasks
where user_id = 'user-' || lpad(:user::text, 27, '0') and number = :number;
