import type { Pool } from 'pg';
import { Identifier } from '../sql.ts';

/** How a dependency outside stands with a service, as of now. */
export interface CircuitState {
  readonly name: string;
  readonly state: 'closed' | 'open' | 'half-open';
  /** In a row. */
  readonly failures: number;
  /** Open: until then nobody calls. Half-open: until then one caller tries. In the past: the next caller is the one. */
  readonly until?: Date;
  /** How the call that failed last ended, also when later ones worked. */
  readonly lastFailure?: { readonly at: Date; readonly message: string };
}

interface CircuitRow {
  readonly name: string;
  readonly state: CircuitState['state'];
  readonly failures: number;
  readonly until: Date | null;
  readonly failed_at: Date | null;
  readonly last_error: string | null;
}

/** The circuits of a schema that something failed behind, sooner or later. Those that are not closed come first. */
export async function circuitsOf(pool: Pool, schema: string): Promise<readonly CircuitState[]> {
  const { rows } = await pool.query<CircuitRow>(
    `SELECT name, state, failures, CASE state WHEN 'open' THEN open_until WHEN 'half-open' THEN probe_until END AS until, failed_at, last_error
     FROM ${new Identifier(schema).text}.circuit ORDER BY state = 'closed', name`,
  );
  return rows.map(({ name, state, failures, until, failed_at: at, last_error: message }) => ({
    name,
    state,
    failures,
    ...(until && { until }),
    ...(at && { lastFailure: { at, message: message ?? '' } }),
  }));
}
