import type { CatalogueEntry } from '@ebb/catalogue';
import { Secret } from '@ebb/core';
import { migrate, provision } from '@ebb/postgres/migrate';
import type { RolePasswords } from './role-passwords.ts';

/** The role of the worker that publishes outboxes. */
export const RELAY_ROLE = 'ebb_relay';
/** The role of workers that read topics. */
export const LOG_READER_ROLE = 'ebb_log_reader';

export interface DatabaseOptions {
  /** Superuser's URL of the database that all services share, a schema each. */
  readonly adminUrl: Secret;
  readonly passwords: RolePasswords;
}

/** What a process needs to reach its own data and nobody else's. */
export interface DatabaseAccess {
  readonly url: Secret;
  readonly schema: string;
}

/** Brings a service's role, schema and tables up to what its code expects. */
export async function prepareDatabase(
  entry: CatalogueEntry,
  migrations: string | undefined,
  { adminUrl, passwords }: DatabaseOptions,
): Promise<DatabaseAccess | undefined> {
  if (!entry.database) return undefined;
  const { schema } = entry.database;
  const role = `svc_${schema}`;
  const password = passwords.of(role);
  await provision({ adminUrl: adminUrl.reveal(), role, schema, password, relayRole: RELAY_ROLE });
  const url = urlAs(adminUrl, role, password);
  await migrate({ url: url.reveal(), schema, ...(migrations !== undefined && { directory: migrations }) });
  return { url, schema };
}

export function urlAs(adminUrl: Secret, role: string, password: string): Secret {
  const url = new URL(adminUrl.reveal());
  url.username = role;
  url.password = password;
  return new Secret(url.href);
}
