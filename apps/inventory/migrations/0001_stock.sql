-- Up Migration

create table stock (
  sku      text    primary key,
  name     text    not null,
  on_hand  integer not null check (on_hand >= 0),
  reserved integer not null default 0 check (reserved >= 0),
  -- The last line of defence: whatever the code does, no more is promised than there is.
  constraint never_oversold check (reserved <= on_hand)
);

-- One per order: a second event for the same order finds it and does nothing. An order that was given up before its
-- reservation began leaves a row, too, so that nothing is set aside for it any more.
create table reservations (
  order_id   uuid        primary key,
  outcome    text        not null check (outcome in ('reserved', 'rejected', 'released', 'committed')),
  decided_at timestamptz not null default now()
);

create table reservation_items (
  order_id uuid    not null references reservations,
  sku      text    not null references stock,
  quantity integer not null check (quantity > 0),
  primary key (order_id, sku)
);

create table restocks (
  restock_id   uuid        primary key,
  sku          text        not null references stock,
  quantity     integer     not null check (quantity > 0),
  restocked_at timestamptz not null default now()
);
