-- Up Migration

create table orders (
  order_id             uuid        primary key,
  -- The order of the list; a time would not tell two orders of one millisecond apart.
  number               bigint      generated always as identity unique,
  status               text        not null default 'placed',
  lines                jsonb       not null,
  total_minor_units    bigint      not null check (total_minor_units >= 0),
  currency             text        not null check (currency ~ '^[A-Z]{3}$'),
  ship_to              jsonb       not null,
  payment_token        text        not null,
  placed_at            timestamptz not null,
  -- In the order's currency, once it is quoted.
  shipping_minor_units bigint      check (shipping_minor_units >= 0),
  tracking_number      text,
  -- What it will come to once everything is undone, and why.
  ending               text        check (ending in ('rejected', 'cancelled', 'expired')),
  reason               text,
  constraint known_status check (status in (
    'placed', 'reserved', 'quoted', 'awaiting-payment', 'authorized', 'captured', 'confirmed',
    'voiding', 'releasing', 'rejected', 'cancelled', 'expired'
  ))
);

create table order_history (
  entry    bigint      generated always as identity primary key,
  order_id uuid        not null references orders,
  what     text        not null,
  at       timestamptz not null,
  reason   text
);

create index order_history_by_order on order_history (order_id, entry);
