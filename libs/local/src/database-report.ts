import { backlogOf, circuitsOf, tableSizes } from '@ebb/postgres';
import type { Pool } from 'pg';
import type { CircuitReport, DatabaseReport } from './control/api.ts';

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

/** How the dependencies of a service stand, as far as its circuits know. */
export async function circuitReports(
  pool: Pool,
  { service, schema }: ServiceDatabase,
): Promise<readonly CircuitReport[]> {
  const circuits = await circuitsOf(pool, schema);
  return circuits.map(({ name, state, failures, until, lastFailure }) => ({
    service,
    name,
    state,
    failures,
    ...(until && { until: until.toISOString() }),
    ...(lastFailure && { lastFailure: { at: lastFailure.at.toISOString(), message: lastFailure.message } }),
  }));
}
