import { messageOf } from '@ebb/core';
import type { Query } from '../connections.ts';

/** Enough to tell what is wrong; the whole of it is with the events that failed. */
const MAX_CHARS = 500;

/** What a call that began before the circuit opened comes to says nothing new: then only the probe's word counts. */
const RECORD_FAILURE = `
INSERT INTO circuit AS c (name, state, failures, opened_at, open_until, failed_at, last_error)
SELECT $1, CASE WHEN opens THEN 'open' ELSE 'closed' END, 1, CASE WHEN opens THEN now END,
  CASE WHEN opens THEN now + $4 * interval '1 millisecond' END, now, $5
FROM (SELECT $2::int <= 1 AS opens, clock_timestamp() AS now) this
ON CONFLICT (name) DO UPDATE
  SET failures = c.failures + 1,
      state = CASE WHEN c.state = 'half-open' OR c.failures + 1 >= $2::int THEN 'open' ELSE 'closed' END,
      opened_at = CASE WHEN c.state = 'half-open' OR c.failures + 1 >= $2::int THEN clock_timestamp() END,
      open_until = CASE WHEN c.state = 'half-open' OR c.failures + 1 >= $2::int THEN clock_timestamp() + $4 * interval '1 millisecond' END,
      failed_at = EXCLUDED.failed_at, last_error = EXCLUDED.last_error,
      probe_token = NULL, probe_until = NULL, changed_at = clock_timestamp()
  WHERE c.state = 'closed' OR (c.state = 'half-open' AND c.probe_token = $3)`;

export interface Failure {
  readonly name: string;
  /** Failures in a row after which the dependency is left alone. */
  readonly failures: number;
  readonly openForMs: number;
  /** The probe's, or that of a call like any other. */
  readonly token: string;
  readonly error: unknown;
}

export function recordFailure({ name, failures, openForMs, token, error }: Failure): Query {
  return {
    name: 'ebb_circuit_failure',
    text: RECORD_FAILURE,
    span: 'UPDATE circuit',
    values: [name, failures, token, openForMs, textOf(error)],
  };
}

/** PostgreSQL's text holds no NUL. */
function textOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${messageOf(error)}` : messageOf(error);
  return text.replaceAll('\u0000', '').slice(0, MAX_CHARS);
}
