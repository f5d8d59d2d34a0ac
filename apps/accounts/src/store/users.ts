import type { Sql } from '@ebb/postgres';
import type { Role } from '../domain/account.ts';
import type { User } from '../domain/user.ts';

/** A user, and the version that it is. */
export interface StoredUser {
  readonly user: User;
  readonly version: string;
}

export interface UserRow {
  user_id: string;
  email: string | null;
  name: string | null;
  verified_at: Date | null;
  version: string;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
  erased_at: Date | null;
  roles: Role[];
}

export async function findUser(db: Sql, userId: string): Promise<StoredUser | undefined> {
  const [row] = await db<UserRow>`
    select users.*, array(select role from user_roles where user_roles.user_id = users.user_id order by role) as roles
    from users where user_id = ${userId}`;
  return row && { user: userOfRow(row), version: row.version };
}

/** As {@link findUser}, held for the rest of the transaction. */
export async function lockUser(db: Sql, userId: string): Promise<StoredUser | undefined> {
  await db`select from users where user_id = ${userId} for update`;
  return findUser(db, userId);
}

/** What somebody is called from now on; null for nothing. */
export async function setName(db: Sql, userId: string, name: string | null): Promise<void> {
  await db`update users set name = ${name}, version = version + 1, updated_at = now() where user_id = ${userId}`;
}

/** Nobody signs in with it any more. */
export async function markDeleted(db: Sql, userId: string): Promise<void> {
  await db`
    update users set deleted_at = now(), version = version + 1, updated_at = now()
    where user_id = ${userId} and deleted_at is null`;
}

/** @returns whether it was deleted no longer ago than that */
export async function markRestored(db: Sql, userId: string, withinMs: number): Promise<boolean> {
  const restored = await db`
    update users set deleted_at = null, version = version + 1, updated_at = now()
    where user_id = ${userId} and erased_at is null
      and deleted_at > now() - ${withinMs}::float8 * interval '1 millisecond'
    returning user_id`;
  return restored.length > 0;
}

/** Whether a session is one of the user's, not over, and was begun no longer ago than that. */
export async function isRecentSession(
  db: Sql,
  userId: string,
  sessionId: string | undefined,
  withinMs: number,
): Promise<boolean> {
  const rows = await db`
    select session_id from sessions
    where session_id::text = ${sessionId ?? ''} and user_id = ${userId} and revoked_at is null and expires_at > now()
      and created_at > now() - ${withinMs}::float8 * interval '1 millisecond'`;
  return rows.length > 0;
}

export function userOfRow(row: UserRow): User {
  const { email, name, deleted_at: deletedAt, erased_at: erasedAt } = row;
  return {
    userId: row.user_id,
    ...(email !== null && { email }),
    ...(name !== null && { name }),
    roles: row.roles,
    status: statusOf(row),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    ...(deletedAt && { deletedAt: deletedAt.toISOString() }),
    ...(erasedAt && { erasedAt: erasedAt.toISOString() }),
  };
}

function statusOf({ erased_at, deleted_at, verified_at }: UserRow): User['status'] {
  if (erased_at) return 'erased';
  if (deleted_at) return 'deleted';
  return verified_at ? 'active' : 'unverified';
}
