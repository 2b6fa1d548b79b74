-- Up Migration
-- Rewrites: task_counters, tasks

-- PostgreSQL parses and plans the CHECKs of a table anew for every statement that writes to it, those of a domain once for
-- each connection: as CHECKs of the tables these rules took two thirds of an update's time.
--
-- Instances of an earlier version have to be restarted.

create domain task_user_id as text collate "C"
  constraint task_user_id_length check (char_length(value) between 1 and 255);
create domain task_number as bigint
  constraint task_number_positive check (value >= 1);
create domain task_title as text
  constraint task_title_length check (char_length(value) between 1 and 500)
  constraint task_title_trimmed check (
    value = btrim(value, E' \t\n\u000b\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff')
  );
create domain task_description as text
  constraint task_description_length check (char_length(value) <= 100000);
create domain task_version as integer
  constraint task_version_positive check (value >= 1);

alter table task_counters
  drop constraint task_counters_user_id_length,
  drop constraint task_counters_last_number_positive,
  alter column user_id type task_user_id,
  alter column last_number type task_number;

alter table tasks
  drop constraint tasks_user_id_length,
  drop constraint tasks_number_positive,
  drop constraint tasks_title_length,
  drop constraint tasks_title_trimmed,
  drop constraint tasks_description_length,
  drop constraint tasks_version_positive,
  alter column user_id type task_user_id,
  alter column number type task_number,
  alter column title type task_title,
  alter column description type task_description,
  alter column version type task_version,
  -- Room in each page, so that an update has no new entries in the indexes from the first one on.
  set (fillfactor = 90);

-- Down Migration
-- Rewrites: nothing

alter table tasks
  reset (fillfactor),
  alter column user_id type text collate "C",
  alter column number type bigint,
  alter column title type text,
  alter column description type text,
  alter column version type integer,
  add constraint tasks_user_id_length check (char_length(user_id) between 1 and 255),
  add constraint tasks_number_positive check (number >= 1),
  add constraint tasks_title_length check (char_length(title) between 1 and 500),
  add constraint tasks_title_trimmed check (
    title = btrim(title, E' \t\n\u000b\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff')
  ),
  add constraint tasks_description_length check (char_length(description) <= 100000),
  add constraint tasks_version_positive check (version >= 1);

alter table task_counters
  alter column user_id type text collate "C",
  alter column last_number type bigint,
  add constraint task_counters_user_id_length check (char_length(user_id) between 1 and 255),
  add constraint task_counters_last_number_positive check (last_number >= 1);

drop domain task_user_id, task_number, task_title, task_description, task_version;
