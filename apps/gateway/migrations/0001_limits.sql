-- Up Migration

-- How much of a limit somebody has used. Nothing that must outlive a crash, so it costs no write-ahead log.
create unlogged table request_limits (
  -- SHA-256 of limit and client: no address and no subject is kept.
  key       bytea       primary key,
  used      integer     not null,
  resets_at timestamptz not null
);

create index request_limits_resets_at on request_limits (resets_at);
