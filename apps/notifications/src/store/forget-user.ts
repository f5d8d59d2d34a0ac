import type { Sql } from '@ebb/postgres';
import { lockUser } from './user-lock.ts';

/** Longer than any mail is under way whose address was asked for before. */
const REMEMBERED = '1 day';

/** Removes all that is kept about a user, and holds off what is about to be written. */
export async function forgetUser(db: Sql, userId: string): Promise<void> {
  await lockUser(db, userId);
  await db`
    insert into forgotten (user_id, at) values (${userId}, clock_timestamp())
    on conflict (user_id) do update set at = excluded.at`;
  await db`delete from mail where user_id = ${userId}`;
  await db`delete from failed_sign_in where user_id = ${userId}`;
  await db`delete from alarm where user_id = ${userId}`;
  await db`delete from forgotten where at < now() - ${REMEMBERED}::interval`;
}
