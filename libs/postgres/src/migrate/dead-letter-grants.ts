import type { PlatformMigration } from './platform-migrations.ts';
import type { Grant } from './relay-grants.ts';

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
];

/** The number of a parked event is taken before the event is. */
export const PARKED_SEQUENCE = 'parked_id_seq';

export const DEAD_LETTER_GRANTS_MIGRATION: PlatformMigration = {
  name: '0006_dead_letters',
  sql: `
-- Whoever may use the schema besides its owner is the relay.
DO $$
DECLARE relay text;
BEGIN
  FOR relay IN
    SELECT DISTINCT pg_get_userbyid(acl.grantee) FROM pg_namespace n, aclexplode(n.nspacl) acl
    WHERE n.nspname = current_schema() AND acl.privilege_type = 'USAGE' AND acl.grantee NOT IN (0, n.nspowner)
  LOOP
${DEAD_LETTER_GRANTS.map(
  ({ privileges, tables }) => `    EXECUTE format('GRANT ${privileges} ON ${tables.join(', ')} TO %I', relay);`,
).join('\n')}
    EXECUTE format('GRANT USAGE ON SEQUENCE ${PARKED_SEQUENCE} TO %I', relay);
  END LOOP;
END $$;
`,
};
