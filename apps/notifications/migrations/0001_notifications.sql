-- Up Migration

-- The mailbox of a machine without a mail server. What is sent by SMTP is kept nowhere.
create table mail (
  mail_id    uuid        primary key,
  -- The order of the list.
  number     bigint      generated always as identity unique,
  user_id    uuid        not null,
  kind       text        not null,
  to_address text        not null,
  subject    text        not null,
  text       text        not null,
  html       text        not null,
  sent_at    timestamptz not null default now()
);
create index mail_to on mail (lower(to_address), number desc);
create index mail_user on mail (user_id);

-- A mail whose address was asked for before its user was forgotten must not be written after that.
create table forgotten (
  user_id uuid        primary key,
  at      timestamptz not null
);

create table failed_sign_in (
  number  bigint      generated always as identity primary key,
  user_id uuid        not null,
  at      timestamptz not null
);
create index failed_sign_in_user on failed_sign_in (user_id, at);
create index failed_sign_in_time on failed_sign_in (at);

-- One alarm per user, kind and hour.
create table alarm (
  user_id uuid        not null,
  kind    text        not null,
  hour    timestamptz not null,
  primary key (user_id, kind, hour)
);
create index alarm_hour on alarm (hour);
