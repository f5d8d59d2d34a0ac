import type { SqlOf } from './take-in-postgres.ts';

const BATCH = 10_000;

/** Deletes counts that nobody needs any more, a few at a time; returns how many went. */
export async function trimLimits(db: SqlOf): Promise<number> {
  let deleted = 0;
  for (;;) {
    const rows = await db<{ readonly key: Buffer }>`
      delete from request_limits
       where key in (select key from request_limits where resets_at <= now() limit ${BATCH} for update skip locked)
         and resets_at <= now()
      returning key`;
    deleted += rows.length;
    if (rows.length < BATCH) return deleted;
  }
}
