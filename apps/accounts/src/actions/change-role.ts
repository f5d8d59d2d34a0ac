import type { RouteTransaction } from '@ebb/function';
import { UserUpdated } from '@ebb/schemas';
import type { Role } from '../domain/account.ts';
import { lockAccount } from '../store/accounts.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { countHolders, grantRole, lockRoles, withdrawRole } from '../store/roles.ts';

export const ROLE_EVENTS = [UserUpdated] as const;
type Tx = Pick<RouteTransaction<typeof ROLE_EVENTS>, 'db' | 'emit'>;

/** Gives an account a role; giving it again changes nothing. */
export async function grant({ db, emit }: Tx, origin: Origin, userId: string, role: Role): Promise<'done' | 'unknown'> {
  await lockRoles(db);
  const account = await lockAccount(db, userId);
  if (!account || account.isDeleted || !account.isVerified) return 'unknown';
  if (await grantRole(db, userId, role, origin.actorId)) {
    await recordAudit(db, origin, { action: 'role.granted', userId, detail: { role } });
    await emit(UserUpdated, { userId, changed: ['roles'] });
  }
  return 'done';
}

/** Takes a role from an account, unless nobody would have it any more. */
export async function withdraw(
  { db, emit }: Tx,
  origin: Origin,
  userId: string,
  role: Role,
): Promise<'done' | 'unknown' | 'last'> {
  await lockRoles(db);
  const account = await lockAccount(db, userId);
  if (!account) return 'unknown';
  if (!account.roles.includes(role)) return 'done';
  if (!account.isDeleted && (await countHolders(db, role)) === 1) return 'last';
  await withdrawRole(db, userId, role);
  await recordAudit(db, origin, { action: 'role.revoked', userId, detail: { role } });
  await emit(UserUpdated, { userId, changed: ['roles'] });
  return 'done';
}
