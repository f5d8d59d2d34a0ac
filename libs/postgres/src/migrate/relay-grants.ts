export interface Grant {
  readonly privileges: string;
  /** Default: tables. */
  readonly kind?: 'SEQUENCE';
  readonly tables: readonly string[];
}

/** The grants as statements. @param to the role, as SQL @param schema with its dot, as SQL; default: the one of the search path */
export function statementsOf(grants: readonly Grant[], to: string, schema = ''): readonly string[] {
  return grants.map(
    ({ privileges, kind = 'TABLE', tables }) =>
      `GRANT ${privileges} ON ${kind} ${tables.map((table) => `${schema}${table}`).join(', ')} TO ${to}`,
  );
}

/** The grants as what the owner of a schema runs, who does not know the relay's name. */
export function migrationOf(grants: readonly Grant[]): string {
  return `
-- Whoever may use the schema besides its owner is the relay.
DO $$
DECLARE relay text;
BEGIN
  FOR relay IN
    SELECT DISTINCT pg_get_userbyid(acl.grantee) FROM pg_namespace n, aclexplode(n.nspacl) acl
    WHERE n.nspname = current_schema() AND acl.privilege_type = 'USAGE' AND acl.grantee NOT IN (0, n.nspowner)
  LOOP
${statementsOf(grants, '%I')
  .map((statement) => `    EXECUTE format('${statement}', relay);`)
  .join('\n')}
  END LOOP;
END $$;
`;
}

/** What the relay's own work takes of the platform's tables in each schema. */
export const RELAY_GRANTS: readonly Grant[] = [
  { privileges: 'SELECT, INSERT, UPDATE (published_at, put_aside, error), DELETE', tables: ['outbox'] },
  { privileges: 'SELECT, DELETE', tables: ['inbox', 'step', 'wait', 'signal'] },
  // A delivery that is sent on may be taken again.
  { privileges: 'UPDATE (status)', tables: ['inbox'] },
  // Locking a row takes the right to change it.
  { privileges: 'SELECT, UPDATE (seq), DELETE', tables: ['timer'] },
  { privileges: 'SELECT, UPDATE (redrive_count, redriven_at), DELETE', tables: ['parked'] },
];
