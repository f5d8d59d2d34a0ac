import type { Query } from '../connections.ts';

/** Relays listen on it; the payload is the schema whose outbox has something new. */
export const OUTBOX_CHANNEL = 'ebb_outbox';

export function notifyOutbox(schema: string): Query {
  return {
    name: 'ebb_outbox_notify',
    text: 'SELECT pg_notify($1, $2)',
    values: [OUTBOX_CHANNEL, schema],
    span: 'NOTIFY outbox',
  };
}
