-- Up Migration

-- A merchant's reference names one payment. One that was voided before it was asked for has no amount.
create table authorizations (
  reference   text        primary key,
  status      text        not null check (status in ('pending', 'authorized', 'declined', 'captured', 'voided')),
  token       text,
  minor_units bigint      check (minor_units >= 0),
  currency    text        check (currency ~ '^[A-Z]{3}$'),
  reason      text,
  created_at  timestamptz not null default now()
);

-- What was answered under an idempotency key, and how often it was asked for.
create table answers (
  key        text        primary key,
  request    text        not null,
  asks       integer     not null default 1,
  status     integer,
  -- Letter by letter as it was given: jsonb would sort its members.
  body       json,
  created_at timestamptz not null default now()
);

-- Every movement of money, in order; rows are only added.
create table ledger (
  entry       bigint      generated always as identity primary key,
  reference   text        not null,
  what        text        not null check (what in ('authorized', 'captured', 'voided')),
  minor_units bigint      not null check (minor_units >= 0),
  currency    text        not null,
  at          timestamptz not null default clock_timestamp(),
  -- Whatever the code does, money moves once.
  constraint once unique (reference, what)
);
