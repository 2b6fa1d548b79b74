-- Up Migration

-- Every write of a user has a position: 1, 2, 3 … in the order in which the writes commit, because each write first locks
-- the user's counter. Clients read what changed after a position. Tasks that were written before this migration have the
-- position 0.
--
-- Building the index takes about a second per million tasks, during which writes wait.

alter table task_counters
  add column last_position bigint not null default 0,
  add column forgotten_position bigint not null default 0,
  add column started_at timestamptz not null default now(),
  -- Every write updates the counter. With room in the page, the update needs no new index entry.
  set (fillfactor = 50);
comment on column task_counters.forgotten_position is 'The deletions up to this position are no longer stored.';
comment on column task_counters.started_at is 'Distinguishes these positions from those before the user''s data was erased.';

alter table tasks
  add column position bigint not null default 0;

-- One index for both: another one would cost every write.
create index tasks_user_id_completed_position_idx on tasks (user_id, completed, position, number);
drop index tasks_user_id_completed_idx;

create table task_deletions (
  user_id text collate "C" not null,
  position bigint not null,
  id uuid not null,
  number bigint not null,
  deleted_at timestamptz not null default now(),
  constraint task_deletions_pkey primary key (user_id, position)
);
comment on table task_deletions is 'The deleted tasks, without their text, for clients that read what changed.';

create table idempotency_keys (
  user_id text collate "C" not null,
  key text collate "C" not null,
  fingerprint text not null,
  id uuid not null,
  number bigint not null,
  position bigint not null,
  created_at timestamptz not null,
  constraint idempotency_keys_pkey primary key (user_id, key)
);
comment on table idempotency_keys is 'The tasks that were created with an idempotency key, without their text.';

create index idempotency_keys_user_id_created_at_idx on idempotency_keys (user_id, created_at);

alter table task_deletions enable row level security;
create policy task_deletions_of_user on task_deletions
  using (user_id = current_setting('app.user_id', true));

alter table idempotency_keys enable row level security;
create policy idempotency_keys_of_user on idempotency_keys
  using (user_id = current_setting('app.user_id', true));

-- Down Migration

drop table idempotency_keys;
drop table task_deletions;

create index tasks_user_id_completed_idx on tasks (user_id, completed);
drop index tasks_user_id_completed_position_idx;

alter table tasks
  drop column position;

alter table task_counters
  reset (fillfactor),
  drop column started_at,
  drop column forgotten_position,
  drop column last_position;
