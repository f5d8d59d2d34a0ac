import type { PlatformMigration } from './platform-migrations.ts';

/** What those who look after a service need to see, beyond what it needs to run. */
export const OPERATOR_MIGRATIONS: readonly PlatformMigration[] = [
  {
    name: '0003_circuit_in_sight',
    sql: `
-- Until when the dependency is left alone, and what the call that failed last said: for whoever asks why nothing happens.
ALTER TABLE circuit ADD COLUMN open_until timestamptz, ADD COLUMN failed_at timestamptz, ADD COLUMN last_error text;
`,
  },
  {
    name: '0004_aside_in_sight',
    sql: `
-- When and why an event was put aside, also after a person sent it on or closed it.
ALTER TABLE outbox ADD COLUMN aside_at timestamptz, ADD COLUMN aside_reason text, ADD COLUMN redrive_count integer,
  ADD COLUMN closed_at timestamptz, ADD COLUMN note text;
UPDATE outbox SET aside_at = created_at, aside_reason = put_aside WHERE put_aside IS NOT NULL;
CREATE INDEX outbox_was_aside ON outbox (aside_at, id) WHERE aside_at IS NOT NULL;

-- By a trigger, so that the relay needs no right to write more than it does, and one of an older version may do it.
CREATE FUNCTION note_aside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.aside_at := clock_timestamp();
  NEW.aside_reason := NEW.put_aside;
  RETURN NEW;
END $$;
CREATE TRIGGER outbox_aside BEFORE UPDATE OF put_aside ON outbox FOR EACH ROW
  WHEN (NEW.put_aside IS NOT NULL AND OLD.put_aside IS NULL) EXECUTE FUNCTION note_aside();
`,
  },
];
