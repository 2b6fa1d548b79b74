-- Up Migration
-- Rewrites: nothing

-- Citus distributes tables by user_id, and a domain as the type of that column makes it lose rows from sight. The tables
-- are not rewritten: a domain has the storage of its base type.
--
-- Every task has the user id of a counter, so the length is checked there alone.

alter table task_counters
  alter column user_id type text collate "C",
  add constraint task_counters_user_id_length check (char_length(user_id) between 1 and 255);

alter table tasks
  alter column user_id type text collate "C";

drop domain task_user_id;

-- Down Migration
-- Rewrites: task_counters, tasks

create domain task_user_id as text collate "C"
  constraint task_user_id_length check (char_length(value) between 1 and 255);

alter table tasks
  alter column user_id type task_user_id;

alter table task_counters
  drop constraint task_counters_user_id_length,
  alter column user_id type task_user_id;
