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
-- What was delivered, so that it takes effect once. "running" belongs to a lease, "failed" counts attempts.
CREATE TABLE inbox (
  fn          text        NOT NULL,
  source      text        NOT NULL,
  event_id    text        NOT NULL,
  status      text        NOT NULL CHECK (status IN ('running', 'failed', 'done', 'parked')),
  attempt     integer     NOT NULL DEFAULT 1,
  lease_token uuid,
  lease_until timestamptz,
  payload_sha text        NOT NULL,
  response    jsonb,
  last_error  text,
  park_reason text,
  trace_id    text,
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  PRIMARY KEY (fn, source, event_id)
) WITH (fillfactor = 90);
CREATE INDEX inbox_expiry ON inbox (expires_at);

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
  published_at  timestamptz
) WITH (fillfactor = 90);
CREATE INDEX outbox_pending ON outbox (shard, id) WHERE published_at IS NULL;

-- The journal of durable steps: intent first, output when the effect has happened.
CREATE TABLE step (
  fn          text NOT NULL,
  source      text NOT NULL,
  event_id    text NOT NULL,
  name        text NOT NULL,
  state       text NOT NULL CHECK (state IN ('intent', 'done')),
  output      jsonb,
  lease_token uuid,
  PRIMARY KEY (fn, source, event_id, name)
);

-- What failed for good, until a person sends it on.
CREATE TABLE parked (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  fn           text        NOT NULL,
  source       text        NOT NULL,
  event_id     text        NOT NULL,
  business_key text,
  key          text,
  reason       text        NOT NULL CHECK (reason IN ('terminal', 'schema', 'budget', 'payload-mismatch', 'undecodable')),
  error        text        NOT NULL,
  event        json        NOT NULL,
  payload_sha  text        NOT NULL,
  attempt      integer     NOT NULL,
  trace_id     text,
  parked_at    timestamptz NOT NULL DEFAULT now(),
  available_at timestamptz,
  redriven_at  timestamptz
);
CREATE UNIQUE INDEX parked_once ON parked (fn, source, event_id, payload_sha) WHERE redriven_at IS NULL;
CREATE INDEX parked_key ON parked (fn, key) WHERE redriven_at IS NULL;
`,
  },
  {
    name: '0002_relay',
    sql: `
-- Whoever may use the schema besides its owner is the relay: it publishes the outbox and deletes what is past its time.
DO $$
DECLARE relay text;
BEGIN
  FOR relay IN
    SELECT DISTINCT pg_get_userbyid(acl.grantee) FROM pg_namespace n, aclexplode(n.nspacl) acl
    WHERE n.nspname = current_schema() AND acl.privilege_type = 'USAGE' AND acl.grantee NOT IN (0, n.nspowner)
  LOOP
    EXECUTE format('GRANT SELECT, UPDATE (published_at), DELETE ON outbox TO %I', relay);
    EXECUTE format('GRANT SELECT, DELETE ON inbox TO %I', relay);
  END LOOP;
END $$;
`,
  },
];
