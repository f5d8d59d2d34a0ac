import { withConnection, withLock } from './connect.ts';
import { setPassword } from './role-password.ts';

export interface ProvisionRoleOptions {
  /** URL as a role that may create roles. */
  readonly adminUrl: string;
  readonly role: string;
  readonly password: string;
}

/** Lets a role log in, and makes it where it is missing: the relay's, whose rights come with each service's schema. Safe to repeat. */
export async function provisionRole({ adminUrl, role, password }: ProvisionRoleOptions): Promise<void> {
  await withConnection(adminUrl, 'ebb-provision', (client) =>
    withLock(client, PROVISION_LOCK, async () => {
      const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
      if (rowCount === 0) await client.query(`CREATE ROLE ${client.escapeIdentifier(role)}`);
      await setPassword(client, role, password);
    }),
  );
}

/** One for all services: grants and roles that change at the same time fail instead of waiting. */
export const PROVISION_LOCK = 'ebb-provision';
