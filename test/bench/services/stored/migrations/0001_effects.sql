-- Up Migration

-- No key: a second effect of an event would be a second row.
create table effects (
  event_id text not null,
  order_id uuid not null
);
