-- Up Migration

create table orders (
  order_id          uuid        primary key,
  -- The order of the list; a time would not tell two orders of one millisecond apart.
  number            bigint      generated always as identity unique,
  status            text        not null default 'placed' check (status in ('placed', 'confirmed', 'rejected')),
  lines             jsonb       not null,
  total_minor_units bigint      not null check (total_minor_units >= 0),
  currency          text        not null check (currency ~ '^[A-Z]{3}$'),
  placed_at         timestamptz not null
);

create table order_history (
  entry    bigint      generated always as identity primary key,
  order_id uuid        not null references orders,
  what     text        not null,
  at       timestamptz not null,
  reason   text
);

create index order_history_by_order on order_history (order_id, entry);
