import type { Sql } from '@ebb/postgres';

/** Whoever writes about a user, or forgets them, does so one after the other. Held until the transaction ends. */
export async function lockUser(db: Sql, userId: string): Promise<void> {
  await db`select pg_advisory_xact_lock(hashtextextended(${`user ${userId}`}, 0))`;
}
