import type { Sql } from '@ebb/postgres';
import type { Role } from '../domain/account.ts';

/** Whoever changes roles holds this, so that the last administrator is not taken away twice at the same time. */
export async function lockRoles(db: Sql): Promise<void> {
  await db`select pg_advisory_xact_lock(hashtextextended(${'ebb.accounts.roles'}, 0))`;
}

/** How many accounts that are not deleted have a role. */
export async function countHolders(db: Sql, role: Role): Promise<number> {
  const [row] = await db<{ holders: number }>`
    select count(*)::int as holders from user_roles join users using (user_id)
    where role = ${role} and deleted_at is null`;
  return row?.holders ?? 0;
}

/** @returns whether it is new */
export async function grantRole(db: Sql, userId: string, role: Role, by: string | undefined): Promise<boolean> {
  const rows = await db`
    insert into user_roles (user_id, role, granted_by) values (${userId}, ${role}, ${by ?? null})
    on conflict do nothing returning user_id`;
  if (rows.length > 0) await touch(db, userId);
  return rows.length > 0;
}

/** @returns whether it was there */
export async function withdrawRole(db: Sql, userId: string, role: Role): Promise<boolean> {
  const rows = await db`delete from user_roles where user_id = ${userId} and role = ${role} returning user_id`;
  if (rows.length > 0) await touch(db, userId);
  return rows.length > 0;
}

/** What an ETag is made of changes with the roles. */
async function touch(db: Sql, userId: string): Promise<void> {
  await db`update users set version = version + 1, updated_at = now() where user_id = ${userId}`;
}
