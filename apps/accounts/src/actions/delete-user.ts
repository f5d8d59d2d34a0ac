import type { RouteTransaction } from '@ebb/function';
import { SessionRevoked, UserDeleted } from '@ebb/schemas';
import { recordAudit, type Origin } from '../store/audit.ts';
import { closeChallenges } from '../store/challenges.ts';
import { countHolders, lockRoles } from '../store/roles.ts';
import { lockUser, markDeleted, type StoredUser } from '../store/users.ts';
import { revokeAll } from './revoke.ts';

export const DELETION_EVENTS = [UserDeleted, SessionRevoked] as const;
export type DeletionTx = Pick<RouteTransaction<typeof DELETION_EVENTS>, 'db' | 'emit'>;

/** Ends all sessions of a user, and keeps them from signing in; it can be taken back. Deleting them again changes nothing. */
export async function deleteUser(tx: DeletionTx, origin: Origin, userId: string): Promise<'done' | 'unknown' | 'last'> {
  const { db, emit } = tx;
  await lockRoles(db);
  const found = await lockUser(db, userId);
  if (!found || found.user.status === 'erased') return 'unknown';
  if (found.user.status === 'deleted') return 'done';
  if (await isLastAdmin(tx, found)) return 'last';
  await markDeleted(db, userId);
  await closeChallenges(db, userId, ['verification', 'sign-up-hint', 'password-reset', 'invitation']);
  await revokeAll(tx, origin, userId, 'account-deleted');
  await recordAudit(db, origin, { action: 'account.deleted', userId });
  await emit(UserDeleted, { userId, erased: false });
  return 'done';
}

/** Whoever asks holds the lock of the roles. */
export async function isLastAdmin({ db }: Pick<DeletionTx, 'db'>, { user }: StoredUser): Promise<boolean> {
  const isAdmin = user.status === 'active' && user.roles.includes('admin');
  return isAdmin && (await countHolders(db, 'admin')) === 1;
}
