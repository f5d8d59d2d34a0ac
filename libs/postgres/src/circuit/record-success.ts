import type { Query } from '../connections.ts';

/** Writes only where something failed before: a dependency that works costs one look. */
const RECORD_SUCCESS = `
UPDATE circuit
SET state = 'closed', failures = 0, opened_at = NULL, open_until = NULL, probe_token = NULL, probe_until = NULL, changed_at = clock_timestamp()
WHERE name = $1 AND ((state = 'closed' AND failures > 0) OR (state = 'half-open' AND probe_token = $2))`;

export function recordSuccess(name: string, token: string): Query {
  return { name: 'ebb_circuit_success', text: RECORD_SUCCESS, span: 'UPDATE circuit', values: [name, token] };
}
