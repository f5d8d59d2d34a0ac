import { backlogOf, tableSizes } from '@ebb/postgres';
import type { Pool } from 'pg';
import type { DatabaseReport } from './control/api.ts';

/** A service and the schema that belongs to it. */
export interface ServiceDatabase {
  readonly service: string;
  readonly schema: string;
}

/** What waits in a service's schema, and how large its tables are. */
export async function reportOf(pool: Pool, { service, schema }: ServiceDatabase): Promise<DatabaseReport> {
  const [backlog, tables] = await Promise.all([backlogOf(pool, schema), tableSizes(pool, schema)]);
  return { service, schema, ...backlog, tables };
}
