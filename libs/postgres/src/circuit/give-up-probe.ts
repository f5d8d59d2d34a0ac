import type { Query } from '../connections.ts';

/** The probe ended without a word about the dependency: the next caller is one. */
const GIVE_UP = `
UPDATE circuit SET probe_until = clock_timestamp() WHERE name = $1 AND state = 'half-open' AND probe_token = $2`;

export function giveUpProbe(name: string, token: string): Query {
  return { name: 'ebb_circuit_give_up', text: GIVE_UP, span: 'UPDATE circuit', values: [name, token] };
}
