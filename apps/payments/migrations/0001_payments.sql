-- Up Migration

-- One per order. One that was given up before it was asked for has no amount.
create table payments (
  order_id      uuid        primary key,
  -- The order of the list.
  number        bigint      generated always as identity unique,
  status        text        not null check (status in
    ('requested', 'pending', 'authorized', 'declined', 'captured', 'voiding', 'voided')),
  minor_units   bigint      check (minor_units >= 0),
  currency      text        check (currency ~ '^[A-Z]{3}$'),
  reason        text,
  requested_at  timestamptz not null default now(),
  authorized_at timestamptz,
  captured_at   timestamptz,
  voided_at     timestamptz
);
