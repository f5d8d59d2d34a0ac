/**
 * Drops roles, and what they own or may do in this database; those that are not there are passed over. Roles and what they may set belong to the
 * whole server, where tests in other databases give and take at the same time: to PostgreSQL, two changes of one entry at once are an error.
 * @param query runs a statement as a superuser
 */
export async function dropRoles(query: (text: string) => Promise<unknown>, ...roles: readonly string[]): Promise<void> {
  const drop = (role: string): string =>
    `IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN DROP OWNED BY "${role}" CASCADE; DROP ROLE "${role}"; END IF;`;
  await query(
    `DO $$ BEGIN LOCK TABLE pg_catalog.pg_parameter_acl IN SHARE ROW EXCLUSIVE MODE; ${roles.map(drop).join(' ')} END $$`,
  );
}
