import { HttpProblem } from '@ebb/core';
import type { ParkedSummary } from '@ebb/postgres/parked';
import type { DeadId } from './dead-id.ts';

/** The last row of a page: time, keeper and number make the order of all rows. */
export interface Cursor extends DeadId {
  readonly parkedAt: Date;
}

/** Numbers that leave a keeper all of its rows of a time, or none. */
const [ALL, NONE] = ['9223372036854775807', '0'];

export function cursorText({ keeper, row, parkedAt }: Cursor): string {
  return Buffer.from(`${parkedAt.getTime()} ${keeper} ${row}`).toString('base64url');
}

/** @throws HttpProblem 400 */
export function parseCursor(text: string): Cursor {
  const [, ms, keeper, row] =
    /^(\d{1,15}) ([a-z0-9.-]+) (\d{1,18})$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (ms === undefined || keeper === undefined || row === undefined)
    throw new HttpProblem(400, 'the cursor is none of ours');
  return { parkedAt: new Date(Number(ms)), keeper, row };
}

/** Where a keeper has to go on: rows of one time are ordered by their keepers' names, the last one first. */
export function afterFor(
  keeper: string,
  { parkedAt, keeper: last, row }: Cursor,
): Pick<ParkedSummary, 'id' | 'parkedAt'> {
  if (keeper === last) return { parkedAt, id: row };
  return { parkedAt, id: keeper < last ? ALL : NONE };
}
