import type { PlatformMigration } from './platform-migrations.ts';
import { migrationOf, type Grant } from './relay-grants.ts';

/**
 * What the relay's role may do beyond its own work, for the people who look after events through it: send parked events again, edit and discard them,
 * and see why nothing happens. What an event says stays out of its reach.
 */
export const OPERATOR_GRANTS: readonly Grant[] = [
  { privileges: 'INSERT, UPDATE (closed_at, closed_as, note)', tables: ['parked'] },
  { privileges: 'INSERT, UPDATE (attempt, payload_sha, parked_id, expires_at)', tables: ['inbox'] },
  { privileges: 'UPDATE (redrive_count, closed_at, note)', tables: ['outbox'] },
  { privileges: 'SELECT', tables: ['circuit'] },
];

/** Whether a schema is as new as {@link OPERATOR_GRANTS} need it. */
export const HAS_OPERATOR_COLUMNS = `SELECT EXISTS (
  SELECT FROM pg_attribute WHERE attrelid = to_regclass(format('%I.outbox', $1::text)) AND attname = 'redrive_count'
) AS yes`;

export const OPERATOR_GRANTS_MIGRATION: PlatformMigration = {
  name: '0005_operators',
  sql: migrationOf(OPERATOR_GRANTS),
};
