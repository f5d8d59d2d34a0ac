import type { Sql } from '@ebb/postgres';
import type { Account, Role } from '../domain/account.ts';
import type { EmailAddress } from '../domain/email-address.ts';

interface AccountRow {
  user_id: string;
  email: string | null;
  email_key: string | null;
  name: string | null;
  password_hash: string | null;
  verified_at: Date | null;
  deleted_at: Date | null;
  roles: Role[];
}

/** Opens an account that nobody can sign in to yet, unless the address has one. */
export async function insertAccount(db: Sql, userId: string, { email, key }: EmailAddress): Promise<void> {
  await db`
    insert into users (user_id, email, email_key) values (${userId}, ${email}, ${key})
    on conflict (email_key) do nothing`;
}

export async function findAccountByEmail(db: Sql, emailKey: string): Promise<Account | undefined> {
  const [row] = await db<AccountRow>`
    select users.*, array(select role from user_roles where user_roles.user_id = users.user_id order by role) as roles
    from users where email_key = ${emailKey}`;
  return row && accountOfRow(row);
}

export async function findAccount(db: Sql, userId: string): Promise<Account | undefined> {
  const [row] = await db<AccountRow>`
    select users.*, array(select role from user_roles where user_roles.user_id = users.user_id order by role) as roles
    from users where user_id = ${userId}`;
  return row && accountOfRow(row);
}

/** The account, held for the rest of the transaction. */
export async function lockAccount(db: Sql, userId: string): Promise<Account | undefined> {
  await db`select from users where user_id = ${userId} for update`;
  return findAccount(db, userId);
}

/** As {@link lockAccount}, by its address. */
export async function lockAccountByEmail(db: Sql, emailKey: string): Promise<Account | undefined> {
  await db`select from users where email_key = ${emailKey} for update`;
  return findAccountByEmail(db, emailKey);
}

/** The address is its owner's; from now on they sign in with this password. */
export async function verifyAccount(
  db: Sql,
  userId: string,
  { passwordHash, name }: { readonly passwordHash: string; readonly name: string | undefined },
): Promise<void> {
  await db`
    update users set verified_at = now(), password_hash = ${passwordHash}, password_changed_at = now(),
      name = coalesce(${name ?? null}, name), version = version + 1, updated_at = now()
    where user_id = ${userId}`;
}

/** Sets the password of an account that has one. */
export async function setPassword(db: Sql, userId: string, passwordHash: string): Promise<void> {
  await db`
    update users set password_hash = ${passwordHash}, password_changed_at = now(), version = version + 1, updated_at = now()
    where user_id = ${userId}`;
}

/** The same password, hashed anew; nothing when it was changed in the meantime. */
export async function rehashPassword(db: Sql, userId: string, before: string, after: string): Promise<void> {
  await db`update users set password_hash = ${after} where user_id = ${userId} and password_hash = ${before}`;
}

function accountOfRow(row: AccountRow): Account {
  return {
    userId: row.user_id,
    email: row.email ?? undefined,
    emailKey: row.email_key ?? undefined,
    name: row.name ?? undefined,
    passwordHash: row.password_hash ?? undefined,
    isVerified: row.verified_at !== null,
    isDeleted: row.deleted_at !== null,
    roles: row.roles,
  };
}
