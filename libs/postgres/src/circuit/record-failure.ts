import type { Query } from '../connections.ts';

/** What a call that began before the circuit opened comes to says nothing new: then only the probe's word counts. */
const RECORD_FAILURE = `
INSERT INTO circuit AS c (name, state, failures, opened_at)
VALUES ($1, CASE WHEN $2::int <= 1 THEN 'open' ELSE 'closed' END, 1, CASE WHEN $2::int <= 1 THEN clock_timestamp() END)
ON CONFLICT (name) DO UPDATE
  SET failures = c.failures + 1,
      state = CASE WHEN c.state = 'half-open' OR c.failures + 1 >= $2::int THEN 'open' ELSE 'closed' END,
      opened_at = CASE WHEN c.state = 'half-open' OR c.failures + 1 >= $2::int THEN clock_timestamp() END,
      probe_token = NULL, probe_until = NULL, changed_at = clock_timestamp()
  WHERE c.state = 'closed' OR (c.state = 'half-open' AND c.probe_token = $3)`;

/** `token` is the probe's, or that of a call like any other. */
export function recordFailure(name: string, failures: number, token: string): Query {
  return { name: 'ebb_circuit_failure', text: RECORD_FAILURE, span: 'UPDATE circuit', values: [name, failures, token] };
}
