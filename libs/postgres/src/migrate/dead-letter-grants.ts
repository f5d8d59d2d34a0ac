import type { PlatformMigration } from './platform-migrations.ts';
import { migrationOf, type Grant } from './relay-grants.ts';

/** What the relay's role needs besides, to park what a broker gave up on for a service that cannot do it. */
export const DEAD_LETTER_GRANTS: readonly Grant[] = [
  {
    privileges:
      'INSERT, UPDATE (status, attempt, last_error, park_reason, trace_id, expires_at, lease_token, lease_until, parked_id)',
    tables: ['inbox'],
  },
  {
    privileges: 'INSERT, UPDATE (reason, error, headers, attempt, trace_id, available_at, parked_at, redriven_at)',
    tables: ['parked'],
  },
  // The number of a parked event is taken before the event is.
  { privileges: 'USAGE', kind: 'SEQUENCE', tables: ['parked_id_seq'] },
];

export const DEAD_LETTER_GRANTS_MIGRATION: PlatformMigration = {
  name: '0006_dead_letters',
  sql: migrationOf(DEAD_LETTER_GRANTS),
};
