-- Up Migration

create table parcels (
  parcel_id  text        primary key,
  grams      integer     not null,
  weighed_at timestamptz not null default now()
);
