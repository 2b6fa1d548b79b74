-- taskwell_list_newest
-- To be run with -M prepared -D users=USERS -D per_user=PER_USER, against Taskwell's own schema.
-- The statement is that of infrastructure/postgres/tasks/list-statements.ts; only the user id, a text, has to be made here.
\set user random(0, :users - 1)
select id, number, title, description, completed, created_at, updated_at, version, position from tasks
where user_id = 'user-' || lpad(:user::text, 27, '0')
order by created_at desc, number desc;
