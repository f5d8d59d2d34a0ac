-- Up Migration

-- No key but the order of writing: a second effect of an event is a second row.
create table entry (
  nth      bigint generated always as identity primary key,
  fn       text   not null,
  source   text   not null,
  event_id text   not null,
  type     text   not null,
  subject  text,
  quantity integer
);

create table tally (
  sku   text   primary key,
  units bigint not null
);
