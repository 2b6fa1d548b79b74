-- Up Migration

-- How many requests each user and each address has made, where RATE_LIMIT_STORE=postgres: counts of the last minute that
-- nobody misses after a crash. Unlogged, they cost no write-ahead log, and no replica carries them. The room that is
-- left in each page lets a count grow in place, without a new index entry. The columns are rate-limiter-flexible's, in its order.
create unlogged table rate_limits (
  key text collate "C" not null,
  points integer not null,
  expire bigint not null,
  constraint rate_limits_pkey primary key (key)
) with (fillfactor = 50);
comment on table rate_limits is 'Requests in the current window of each key, and when it ends, in milliseconds since 1970.';

-- Down Migration

drop table rate_limits;
