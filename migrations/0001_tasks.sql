-- Up Migration

-- Every key begins with user_id, there are no triggers and no sequences: the tables can be distributed by user_id.
-- user_id compares byte by byte (collation C): it is opaque, and its indexes survive an upgrade of the system's locales.

create table task_counters (
  user_id text collate "C" not null,
  last_number bigint not null,
  constraint task_counters_pkey primary key (user_id),
  constraint task_counters_user_id_length check (char_length(user_id) between 1 and 255),
  constraint task_counters_last_number_positive check (last_number >= 1)
);
comment on table task_counters is 'The last task number that each user was given. It only grows: a number is never used twice.';

create table tasks (
  user_id text collate "C" not null,
  id uuid not null,
  number bigint not null,
  title text not null,
  description text,
  completed boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version integer not null default 1,
  constraint tasks_pkey primary key (user_id, id),
  constraint tasks_user_id_number_key unique (user_id, number),
  constraint tasks_user_id_length check (char_length(user_id) between 1 and 255),
  constraint tasks_number_positive check (number >= 1),
  constraint tasks_title_length check (char_length(title) between 1 and 500),
  constraint tasks_title_trimmed check (
    title = btrim(title, E' \t\n\u000b\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff')
  ),
  constraint tasks_description_length check (char_length(description) <= 100000),
  constraint tasks_updated_after_created check (updated_at >= created_at),
  constraint tasks_version_positive check (version >= 1)
);
comment on table tasks is 'Every statement names its user: where user_id = $1.';

-- The whole list, newest first, without a sort.
create index tasks_user_id_created_at_idx on tasks (user_id, created_at desc, number desc);
-- The few that are left to do among many that are done. Without the order in it, it is a seventh of the size and as fast.
create index tasks_user_id_completed_idx on tasks (user_id, completed);

-- Down Migration

drop table tasks;
drop table task_counters;
