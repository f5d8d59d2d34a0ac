import { HttpProblem } from '@ebb/core';

/** The name that stands before the ids of what the platform keeps itself. */
export const PLATFORM = 'platform';

/** The name that stands before the ids of what a service's outbox could not get rid of. */
export const outboxNameOf = (service: string): string => `${service}.outbox`;

/** Where a parked event is kept, and which row it is there. */
export interface DeadId {
  readonly keeper: string;
  readonly row: string;
}

// A row's number is a bigint of PostgreSQL.
const DEAD_ID = /^([a-z0-9-]{1,63}(?:\.outbox)?):(\d{1,18})$/;

/** @throws HttpProblem 400 */
export function parseDeadId(text: string): DeadId {
  const [, keeper, row] = DEAD_ID.exec(text) ?? [];
  if (keeper !== undefined && row !== undefined) return { keeper, row };
  throw new HttpProblem(400, `"${text.slice(0, 100)}" is no id of a parked event: it looks like orders:17`);
}

export function deadIdOf({ keeper, row }: DeadId): string {
  return `${keeper}:${row}`;
}
