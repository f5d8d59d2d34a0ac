import type { Query } from '../connections.ts';

/**
 * Asks whether a dependency may be called. Whoever comes first after the time for which it is left alone gets the probe; those who came at the same
 * moment wait for that row, find it taken and stay out. A probe that is never answered for is over at its own time.
 */
const ENTER = `
WITH probe AS (
  UPDATE circuit
  SET state = 'half-open', probe_token = $2, probe_until = clock_timestamp() + $3 * interval '1 millisecond', changed_at = clock_timestamp()
  WHERE name = $1 AND ((state = 'open' AND coalesce(open_until, opened_at) <= clock_timestamp())
    OR (state = 'half-open' AND probe_until <= clock_timestamp()))
  RETURNING name
)
SELECT c.state, probe.name IS NOT NULL AS is_probe,
  extract(epoch FROM open_until - clock_timestamp())::float8 * 1000 AS open_for_ms
FROM circuit c LEFT JOIN probe ON true WHERE c.name = $1`;

/** No row at all: the dependency has not failed yet. */
export interface EnterRow {
  /** As it was before. */
  readonly state: 'closed' | 'open' | 'half-open';
  readonly is_probe: boolean;
  readonly open_for_ms: number | null;
}

export function enterCircuit(name: string, token: string, probeForMs: number): Query {
  return { name: 'ebb_circuit_enter', text: ENTER, span: 'SELECT circuit', values: [name, token, probeForMs] };
}
