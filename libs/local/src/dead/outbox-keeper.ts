import { countAside, discardAside, listAside, matchingAside, redriveAside, showAside } from '@ebb/postgres/parked';
import type { Pool } from 'pg';
import { outboxNameOf } from './dead-id.ts';
import type { Keeper } from './keeper.ts';

/** What the relay put aside in the outbox of a service: no log takes it, or its topic does not exist. */
export function outboxKeeper(pool: Pool, service: string, schema: string): Keeper {
  return {
    name: outboxNameOf(service),
    service,
    targetOf: (topic) => `topic ${topic}`,
    list: (options) => listAside(pool, schema, options),
    count: (filter) => countAside(pool, schema, filter),
    show: (row) => showAside(pool, schema, row),
    redrive: (row, options) => redriveAside(pool, schema, row, options),
    next: (filter, after, limit) => matchingAside(pool, schema, filter, after, limit),
    edit: (row) => Promise.resolve({ id: row, outcome: 'not-published' }),
    discard: (row, note) => discardAside(pool, schema, row, note),
  };
}
