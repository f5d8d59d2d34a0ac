import { EbbError } from '@ebb/core';
import type { Sql } from '@ebb/postgres';

/** Something wants the database of a service that has none. */
export function noDatabaseError(service: string): EbbError {
  return new EbbError('EBB_DEFINITION', `service "${service}" has no database: give defineService one`);
}

/** The `db` of a service without a database: says what is missing at the first use. */
export function missingDatabase(service: string): Sql {
  return () => Promise.reject(noDatabaseError(service));
}
