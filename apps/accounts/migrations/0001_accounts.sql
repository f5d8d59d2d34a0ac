-- Up Migration

-- Everything that says who somebody is stands in this table, and with a name in challenges: what erases a person need not look further.
create table users (
  user_id             uuid        primary key,
  -- The order of the list.
  number              bigint      generated always as identity unique,
  -- Where mail goes: as its owner wrote it, the domain in ASCII. Null once erased.
  email               text,
  -- What makes it one, in lower case.
  email_key           text        unique,
  -- Until then nobody signs in, and the password is that of a challenge.
  verified_at         timestamptz,
  name                text,
  -- With its parameters and its salt.
  password_hash       text,
  password_changed_at timestamptz,
  -- What an ETag is made of.
  version             bigint      not null default 1,
  created_at          timestamptz not null default now(),
  updated_at          timestamptz not null default now(),
  -- Nobody signs in any more; what there is can be brought back.
  deleted_at          timestamptz,
  erased_at           timestamptz,
  check ((email is null) = (email_key is null)),
  check (erased_at is null or (email is null and name is null and password_hash is null and deleted_at is not null))
);

create index users_created on users (created_at, user_id);
create index users_deleted on users (deleted_at) where deleted_at is not null and erased_at is null;

-- Beside the role that everybody has.
create table user_roles (
  user_id    uuid        not null references users on delete cascade,
  role       text        not null check (role in ('admin')),
  granted_at timestamptz not null default now(),
  -- Null: by the service itself, as its settings say.
  granted_by uuid,
  primary key (user_id, role)
);

-- Something that the owner of an address is written to about. Its token is not here: it follows from the id and a secret.
create table challenges (
  challenge_id  uuid        primary key,
  user_id       uuid        not null references users on delete cascade,
  purpose       text        not null check (purpose in ('verification', 'sign-up-hint', 'password-reset', 'invitation')),
  -- Of a sign-up: what counts once this very token comes back, so that nobody else's password gets into the account.
  password_hash text,
  name          text,
  -- How many times it was written.
  mails         integer     not null default 1,
  created_at    timestamptz not null default now(),
  expires_at    timestamptz not null,
  used_at       timestamptz,
  check ((purpose = 'verification') = (password_hash is not null))
);

create index challenges_of_user on challenges (user_id, purpose, created_at);
create index challenges_expired on challenges (expires_at);

-- A device that somebody signed in on: a family of refresh tokens, of which one is good at a time.
create table sessions (
  session_id     uuid        primary key,
  user_id        uuid        not null references users on delete cascade,
  -- Of the part that all tokens of the family share: 256 bits that only the client has.
  secret_hash    bytea       not null,
  -- Which token of the family is good.
  generation     integer     not null default 0,
  rotated_at     timestamptz not null default now(),
  created_at     timestamptz not null default now(),
  -- Moves on with each refresh, up to ends_at.
  expires_at     timestamptz not null,
  ends_at        timestamptz not null,
  revoked_at     timestamptz,
  revoked_reason text,
  -- What the device calls itself, for the owner's list.
  device         text        not null,
  -- Keyed: the same for the same network address, which it does not tell.
  client_hash    text        not null,
  check ((revoked_at is null) = (revoked_reason is null))
);

create index sessions_of_user on sessions (user_id, created_at);
create index sessions_ended on sessions (ends_at);

create table totp (
  user_id       uuid        primary key references users on delete cascade,
  -- Encrypted with KEY_ENCRYPTION_KEY.
  secret        bytea       not null,
  created_at    timestamptz not null default now(),
  -- Until then it is not asked for.
  confirmed_at  timestamptz,
  -- The step whose code was taken last: none is taken twice, nor an earlier one.
  last_step     bigint      not null default 0
);

create table recovery_codes (
  user_id   uuid        not null references users on delete cascade,
  -- Of 80 random bits: nobody tries them all.
  code_hash bytea       not null,
  used_at   timestamptz,
  primary key (user_id, code_hash)
);

-- Failures in a row, of an account or of a client: also of accounts that do not exist.
create table lockouts (
  -- A keyed hash that tells neither address.
  subject      text        primary key,
  failures     integer     not null,
  locked_until timestamptz not null,
  last_at      timestamptz not null default now()
);

create index lockouts_old on lockouts (last_at);

-- Public parts are published from the first moment on; one key signs at a time.
create table signing_keys (
  kid          text        primary key,
  public_jwk   jsonb       not null,
  -- Encrypted with KEY_ENCRYPTION_KEY.
  private_key  bytea       not null,
  published_at timestamptz not null default now(),
  activated_at timestamptz,
  retired_at   timestamptz,
  -- Given away, as far as anybody knows: nothing that it signed counts any more.
  revoked_at   timestamptz,
  check (retired_at is null or activated_at is not null)
);

create unique index signing_keys_active on signing_keys ((true)) where activated_at is not null and retired_at is null and revoked_at is null;
create unique index signing_keys_next on signing_keys ((true)) where activated_at is null and revoked_at is null;

-- Who did what to whom. Nothing is ever changed in it, and nothing in it says who somebody is.
create table audit_trail (
  entry       bigint      generated always as identity primary key,
  at          timestamptz not null default now(),
  -- Whom it concerns; null for what concerns nobody in particular. It may be gone by now.
  user_id     uuid,
  -- Who did it; null for somebody who was not signed in, and for the service itself.
  actor_id    uuid,
  action      text        not null,
  request_id  text,
  -- Keyed, as in sessions.
  client_hash text,
  detail      jsonb       not null default '{}'
);

create index audit_trail_of_user on audit_trail (user_id, entry);
create index audit_trail_old on audit_trail (at);
