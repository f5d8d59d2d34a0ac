import type { Sql } from '@ebb/postgres';
import type { AlarmKind } from '@ebb/schemas';

import { lockUser } from './user-lock.ts';

const MAX_TRIMMED = 100;

/** Writes a failed sign-in down, and gives how many there were within the window before it; what is too old goes. Events may be late: what
 * happened an hour ago still counts towards what happened then. */
export async function countFailure(db: Sql, userId: string, at: string, windowMs: number): Promise<number> {
  await lockUser(db, userId);
  await db`
    delete from failed_sign_in where number in (
      select number from failed_sign_in
      where at < now() - interval '1 day' - ${windowMs} * interval '1 millisecond' limit ${MAX_TRIMMED}
    )`;
  await db`insert into failed_sign_in (user_id, at) values (${userId}, ${at})`;
  const [row] = await db<{ failures: number }>`
    select count(*)::int as failures from failed_sign_in
    where user_id = ${userId} and at > ${at}::timestamptz - ${windowMs} * interval '1 millisecond' and at <= ${at}`;
  return row?.failures ?? 0;
}

/** Whether an alarm of this kind is the first one of the user in its hour. */
export async function isFirstAlarm(db: Sql, userId: string, kind: AlarmKind, at: string): Promise<boolean> {
  await db`delete from alarm where hour < now() - interval '1 day'`;
  const inserted = await db`
    insert into alarm (user_id, kind, hour) values (${userId}, ${kind}, date_trunc('hour', ${at}::timestamptz))
    on conflict do nothing returning user_id`;
  return inserted.length > 0;
}
