import { targetOf } from '@ebb/events';
import {
  countParked,
  discardParked,
  editParked,
  listParked,
  matchingParked,
  redriveParked,
  showParked,
} from '@ebb/postgres/parked';
import type { Pool } from 'pg';
import type { Keeper } from './keeper.ts';

/** The table `parked` of a service. */
export function serviceKeeper(pool: Pool, service: string, schema: string): Keeper {
  return {
    name: service,
    service,
    targetOf: (fn) => targetOf(service, fn),
    list: (options) => listParked(pool, schema, options),
    count: (filter) => countParked(pool, schema, filter),
    show: (row) => showParked(pool, schema, row),
    redrive: (row, options) => redriveParked(pool, schema, row, options),
    next: (filter, after, limit) => matchingParked(pool, schema, filter, after, limit),
    edit: (row, edit) => editParked(pool, schema, row, edit),
    discard: (row, note) => discardParked(pool, schema, row, note),
  };
}
