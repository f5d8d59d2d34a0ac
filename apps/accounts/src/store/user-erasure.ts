import type { Sql } from '@ebb/postgres';

/** Removes all that says who a user is, or that is theirs; what stays is an id that leads nowhere. */
export async function emptyUser(db: Sql, userId: string, login: string | undefined): Promise<void> {
  await db`delete from challenges where user_id = ${userId}`;
  await db`delete from sessions where user_id = ${userId}`;
  await db`delete from totp where user_id = ${userId}`;
  await db`delete from recovery_codes where user_id = ${userId}`;
  await db`delete from user_roles where user_id = ${userId}`;
  // What was done stays written down, and by which id; from where, and by which address, does not.
  await db`
    update audit_trail set client_hash = null, request_id = null, detail = detail - 'login'
    where user_id = ${userId} or actor_id = ${userId}`;
  if (login !== undefined) {
    await db`delete from lockouts where subject = ${`account ${login}`}`;
    // Attempts before there was an account stand under the address alone.
    await db`update audit_trail set client_hash = null, detail = detail - 'login' where detail->>'login' = ${login}`;
  }
  await db`
    update users set email = null, email_key = null, name = null, password_hash = null, password_changed_at = null,
      verified_at = null, deleted_at = coalesce(deleted_at, now()), erased_at = now(), version = version + 1, updated_at = now()
    where user_id = ${userId}`;
}

/** Those who were deleted longer ago than that, the first of them first; each is held for the rest of the transaction. */
export async function lockDeleted(db: Sql, beforeMs: number, limit: number): Promise<readonly string[]> {
  const rows = await db<{ user_id: string }>`
    select user_id from users
    where deleted_at < now() - ${beforeMs}::float8 * interval '1 millisecond' and erased_at is null
    order by deleted_at limit ${limit} for update skip locked`;
  return rows.map(({ user_id: userId }) => userId);
}
