import type { PlatformMigration } from './platform-migrations.ts';

/**
 * A refused claim is an error of PostgreSQL's, but none for whoever reads its log: each duplicate would leave two lines there. Which messages are
 * logged is for superusers to say, unless they let others; without that the lines stay, and nothing else changes.
 */
export const QUIET_REFUSAL_MIGRATION: PlatformMigration = {
  name: '0007_quiet_refusal',
  sql: `
CREATE OR REPLACE FUNCTION refuse_delivery() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    -- Until the end of the transaction, which is now.
    PERFORM set_config('log_min_messages', 'fatal', true);
  EXCEPTION WHEN insufficient_privilege THEN NULL;
  END;
  RAISE EXCEPTION 'the delivery is settled, in other hands, or not next of its key' USING ERRCODE = 'EBDLV';
END $$;
`,
};
