import type { Client } from 'pg';
import { lockOfSchema, withConnection, withLock } from './connect.ts';
import { PROVISION_LOCK } from './provision-role.ts';
import { DEAD_LETTER_GRANTS } from './dead-letter-grants.ts';
import { HAS_OPERATOR_COLUMNS, OPERATOR_GRANTS } from './operator-grants.ts';
import { RELAY_GRANTS, statementsOf } from './relay-grants.ts';
import { setPassword } from './role-password.ts';
import { isVerifierOf } from './scram.ts';

export interface ProvisionOptions {
  /** URL of the database that the services share, as a role that may create roles and schemas. */
  readonly adminUrl: string;
  /** The service's own role. */
  readonly role: string;
  readonly schema: string;
  readonly password: string;
  /** The role that publishes outboxes. It gets the outbox and what it needs to clean up, nothing else; made without a login when it is missing. */
  readonly relayRole?: string;
}

/**
 * Gives a service a role of its own and a schema that only this role can use. Safe to repeat and by several processes at once; when there
 * is nothing to do it costs one connection.
 */
export async function provision(options: ProvisionOptions): Promise<void> {
  await withConnection(options.adminUrl, 'ebb-provision', async (client) => {
    if (await isProvisioned(client, options)) return;
    const make = async (): Promise<void> => {
      await client.query('BEGIN');
      await ensureRole(client, options);
      await ensureSchema(client, options);
      if (options.relayRole !== undefined) await grantRelay(client, options.schema, options.relayRole);
      await client.query('COMMIT');
    };
    // The schema's lock first: who waits for long migrations of one schema does not keep the others from their roles.
    await withLock(client, lockOfSchema(options.schema), () => withLock(client, PROVISION_LOCK, make));
  });
}

interface State {
  readonly superuser: boolean;
  readonly role: boolean | null;
  readonly owner: boolean | null;
  readonly relay: boolean | null;
}

const STATE = `
SELECT current_setting('is_superuser') = 'on' AS superuser,
  (SELECT rolcanlogin AND NOT rolsuper FROM pg_roles WHERE rolname = $1) AS role,
  (SELECT pg_get_userbyid(nspowner) = $1 FROM pg_namespace WHERE nspname = $2) AS owner,
  (SELECT has_schema_privilege(r.oid, n.oid, 'USAGE')
      AND coalesce(has_column_privilege(r.oid, o.oid, 'published_at', 'UPDATE'), true)
   FROM pg_roles r, pg_namespace n LEFT JOIN pg_class o ON o.relnamespace = n.oid AND o.relname = 'outbox'
   WHERE r.rolname = $3 AND n.nspname = $2) AS relay`;

async function isProvisioned(
  client: Client,
  { role, schema, password, relayRole }: ProvisionOptions,
): Promise<boolean> {
  const { rows } = await client.query<State>(STATE, [role, schema, relayRole ?? null]);
  const [state] = rows;
  if (!state?.superuser || !state.role || !state.owner) return false;
  if (relayRole !== undefined && !state.relay) return false;
  return hasPassword(client, role, password);
}

/** Only a superuser can see it. */
async function hasPassword(client: Client, role: string, password: string): Promise<boolean> {
  const { rows } = await client.query<{ rolpassword: string | null }>(
    'SELECT rolpassword FROM pg_authid WHERE rolname = $1',
    [role],
  );
  return isVerifierOf(rows[0]?.rolpassword ?? '', password);
}

async function ensureRole(client: Client, { role, password }: ProvisionOptions): Promise<void> {
  const name = client.escapeIdentifier(role);
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${name}`);
  await setPassword(client, role, password);
  const { rows } = await client.query<{ superuser: boolean; grants_settings: boolean }>(
    `SELECT current_setting('is_superuser') = 'on' AS superuser, current_setting('server_version_num')::int >= 150000 AS grants_settings`,
  );
  // For refusals of what was delivered before, which are no errors to whoever reads the log.
  if (rows[0]?.superuser && rows[0].grants_settings) {
    // The entry is the server's: in another database, somebody may be at it for another role.
    await client.query('LOCK TABLE pg_catalog.pg_parameter_acl IN SHARE ROW EXCLUSIVE MODE');
    await client.query(`GRANT SET ON PARAMETER log_min_messages TO ${name}`);
  }
  // To give a schema to a role, whoever is no superuser must be a member of it.
  if (!rows[0]?.superuser) await client.query(`GRANT ${name} TO CURRENT_USER`);
}

async function ensureSchema(client: Client, { role, schema }: ProvisionOptions): Promise<void> {
  const [name, owner] = [client.escapeIdentifier(schema), client.escapeIdentifier(role)];
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${name} AUTHORIZATION ${owner}`);
  await client.query(`ALTER SCHEMA ${name} OWNER TO ${owner}`);
  await client.query(`REVOKE ALL ON SCHEMA ${name} FROM PUBLIC`);
}

/** Tables that do not exist yet are granted by the platform's migrations, to whoever may use the schema. */
async function grantRelay(client: Client, schema: string, relayRole: string): Promise<void> {
  const [name, relay] = [client.escapeIdentifier(schema), client.escapeIdentifier(relayRole)];
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [relayRole]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${relay} NOLOGIN`);
  await client.query(`GRANT USAGE ON SCHEMA ${name} TO ${relay}`);
  const { rows } = await client.query<{ exists: boolean }>(
    `SELECT to_regclass(format('%I.outbox', $1::text)) IS NOT NULL AS exists`,
    [schema],
  );
  if (!rows[0]?.exists) return;
  const operators = await client.query<{ yes: boolean }>(HAS_OPERATOR_COLUMNS, [schema]);
  const grants = [...RELAY_GRANTS, ...DEAD_LETTER_GRANTS, ...(operators.rows[0]?.yes ? OPERATOR_GRANTS : [])];
  for (const statement of statementsOf(grants, relay, `${name}.`)) await client.query(statement);
}
