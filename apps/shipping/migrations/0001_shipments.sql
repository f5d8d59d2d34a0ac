-- Up Migration

-- Where we ship to.
create table zones (
  country text primary key check (country ~ '^[A-Z]{2}$'),
  zone    text not null
);

-- What one parcel costs, by zone and weight; the heaviest of a zone is the most that one parcel may weigh.
create table rates (
  zone        text    not null,
  currency    text    not null check (currency ~ '^[A-Z]{3}$'),
  max_grams   integer not null check (max_grams > 0),
  minor_units integer not null check (minor_units >= 0),
  primary key (zone, currency, max_grams)
);

create table product_weights (
  sku   text    primary key,
  grams integer not null check (grams > 0)
);

create table shipments (
  order_id       uuid        primary key,
  country        text        not null,
  postal_code    text        not null,
  zone           text        not null,
  grams          bigint      not null check (grams > 0),
  parcels        integer     not null check (parcels > 0),
  price_minor    bigint      not null check (price_minor >= 0),
  currency       text        not null,
  quoted_at      timestamptz not null default now(),
  -- Given out when the label is made: numbers of orders that came to nothing are not wasted.
  tracking_number text       unique,
  labelled_at    timestamptz
);

create sequence label_numbers;
