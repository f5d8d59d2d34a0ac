import { DEAD_LETTER_GRANTS_MIGRATION } from './dead-letter-grants.ts';
import { OPERATOR_GRANTS_MIGRATION } from './operator-grants.ts';
import { OPERATOR_MIGRATIONS } from './operator-migrations.ts';
import { QUIET_REFUSAL_MIGRATION } from './quiet-refusal.ts';
import { migrationOf, RELAY_GRANTS } from './relay-grants.ts';

/** A migration of the platform's own tables. */
export interface PlatformMigration {
  readonly name: string;
  readonly sql: string;
}

/**
 * The tables that each service's schema has besides its own, in the order in which they are made. As text in a module they are found wherever
 * the code runs from: sources, a bundle, an image. A migration that was released is never edited; the next one changes what it made.
 */
export const PLATFORM_MIGRATIONS: readonly PlatformMigration[] = [
  {
    name: '0001_mailboxes',
    sql: `
-- What was delivered, so that it takes effect once. "running" and "waiting" belong to leased deliveries, "failed" counts attempts.
CREATE TABLE inbox (
  fn          text        NOT NULL,
  source      text        NOT NULL,
  event_id    text        NOT NULL,
  status      text        NOT NULL CHECK (status IN ('running', 'waiting', 'failed', 'done', 'parked')),
  attempt     integer     NOT NULL DEFAULT 1,
  lease_token uuid,
  lease_until timestamptz,
  payload_sha text        NOT NULL,
  response    jsonb,
  last_error  text,
  park_reason text,
  -- The row of "parked" that this delivery opened; it is closed when the delivery takes effect after all.
  parked_id   bigint,
  trace_id    text,
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  PRIMARY KEY (fn, source, event_id)
) WITH (fillfactor = 90);
CREATE INDEX inbox_expiry ON inbox (expires_at);

-- Ends a claim that came to nothing, so that what was sent along with it is skipped.
CREATE FUNCTION refuse_delivery() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the delivery is settled, in other hands, or not next of its key' USING ERRCODE = 'EBDLV';
END $$;

-- What waits to be published, and for some days what was: the lineage. The text of an event stays as it was written (json, not jsonb).
CREATE TABLE outbox (
  id            bigint      GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
  shard         smallint    NOT NULL,
  partition_key text,
  topic         text        NOT NULL,
  event         json        NOT NULL,
  cause_id      text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  available_at  timestamptz,
  published_at  timestamptz,
  -- Why it is not published: no log takes it, or its topic does not exist. Kept for a person to see, out of the way of the others.
  put_aside     text        CHECK (put_aside IN ('too-large', 'undecodable', 'no-topic')),
  error         text
) WITH (fillfactor = 90);
CREATE INDEX outbox_pending ON outbox (shard, id) WHERE published_at IS NULL AND put_aside IS NULL;
CREATE INDEX outbox_aside ON outbox (topic) WHERE put_aside IS NOT NULL;

-- The journal of durable steps: intent first, output when the effect has happened. An intent without output: nobody knows.
CREATE TABLE step (
  fn          text        NOT NULL,
  source      text        NOT NULL,
  event_id    text        NOT NULL,
  name        text        NOT NULL,
  nth         integer     NOT NULL,
  state       text        NOT NULL CHECK (state IN ('intent', 'done', 'failed')),
  -- As it was given: jsonb takes no NUL, and not every string of JavaScript.
  output      json,
  error       text,
  lease_token uuid,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (fn, source, event_id, name)
);

-- Events that are published at their time; the relay moves them into the outbox when they are due.
CREATE TABLE timer (
  name          text        PRIMARY KEY,
  due_at        timestamptz NOT NULL,
  shard         smallint    NOT NULL,
  partition_key text,
  topic         text        NOT NULL,
  event         json        NOT NULL,
  cause_id      text,
  -- The order of those that are due at the same time.
  seq           bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX timer_due ON timer (due_at, seq);

-- Deliveries that wait for another event, and the events that came for them, or came first.
CREATE TABLE wait (
  fn       text NOT NULL,
  source   text NOT NULL,
  event_id text NOT NULL,
  name     text NOT NULL,
  type     text NOT NULL,
  key      text NOT NULL,
  event    json NOT NULL,
  PRIMARY KEY (fn, source, event_id, name)
);
CREATE INDEX wait_for ON wait (fn, type, key);
CREATE TABLE signal (
  fn         text        NOT NULL,
  type       text        NOT NULL,
  key        text        NOT NULL,
  source     text        NOT NULL,
  event_id   text        NOT NULL,
  event      json        NOT NULL,
  taken_by   text,
  arrived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (fn, source, event_id)
);
CREATE INDEX signal_for ON signal (fn, type, key, arrived_at) WHERE taken_by IS NULL;
CREATE INDEX signal_expiry ON signal (expires_at);

-- Whether a dependency outside is fit to be called, for all processes of the service.
CREATE TABLE circuit (
  name        text        PRIMARY KEY,
  state       text        NOT NULL CHECK (state IN ('closed', 'open', 'half-open')),
  failures    integer     NOT NULL DEFAULT 0,
  opened_at   timestamptz,
  probe_token uuid,
  probe_until timestamptz,
  changed_at  timestamptz NOT NULL DEFAULT now()
);

-- What did not take effect, until it does or a person closes it.
CREATE TABLE parked (
  id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The order of those that share a key. An event that was edited takes the place of the one before.
  place         bigint      NOT NULL GENERATED BY DEFAULT AS IDENTITY,
  fn            text        NOT NULL,
  -- "service/function": what a redelivery is addressed to.
  target        text        NOT NULL,
  source        text        NOT NULL,
  event_id      text        NOT NULL,
  business_key  text,
  key           text,
  shard         smallint    NOT NULL,
  reason        text        NOT NULL CHECK (reason IN
    ('terminal', 'schema', 'budget', 'payload-mismatch', 'undecodable', 'step-unknown', 'delayed', 'behind', 'dead-letter')),
  error         text        NOT NULL,
  headers       jsonb,
  event         json        NOT NULL,
  payload_sha   text        NOT NULL,
  attempt       integer     NOT NULL,
  trace_id      text,
  parked_at     timestamptz NOT NULL DEFAULT now(),
  -- Sent on by the relay at this time; without one a person decides.
  available_at  timestamptz,
  redrive_count integer     NOT NULL DEFAULT 0,
  -- Sent on, not known yet to what end.
  redriven_at   timestamptz,
  -- The row whose event was edited into this one.
  replaces      bigint,
  closed_at     timestamptz,
  closed_as     text        CHECK (closed_as IN ('done', 'discarded', 'edited')),
  -- Why a person closed it.
  note          text
);
-- Another payload under the same id stands beside the first one, and holds up nobody.
CREATE UNIQUE INDEX parked_once ON parked (fn, source, event_id, payload_sha, (reason = 'payload-mismatch')) WHERE closed_at IS NULL;
CREATE INDEX parked_key ON parked (fn, key, place) WHERE closed_at IS NULL AND reason <> 'payload-mismatch';
CREATE INDEX parked_time ON parked (parked_at, id);
CREATE INDEX parked_due ON parked (available_at) WHERE closed_at IS NULL AND redriven_at IS NULL AND available_at IS NOT NULL;
CREATE INDEX parked_closed ON parked (closed_at) WHERE closed_at IS NOT NULL;

-- Rows come and go in all of these. By the defaults, a fifth of a table must be dead before its space is used again, and its indexes are clean.
ALTER TABLE inbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE timer SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE step SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE signal SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
`,
  },
  {
    name: '0002_relay',
    sql: migrationOf(RELAY_GRANTS),
  },
  ...OPERATOR_MIGRATIONS,
  OPERATOR_GRANTS_MIGRATION,
  DEAD_LETTER_GRANTS_MIGRATION,
  QUIET_REFUSAL_MIGRATION,
];
