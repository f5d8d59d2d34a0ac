import type { RouteTransaction } from '@ebb/function';
import { UserRestored } from '@ebb/schemas';
import { RESTORABLE_MS } from '../domain/user.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { findUser, lockUser, markRestored, type StoredUser } from '../store/users.ts';

export const RESTORATION_EVENTS = [UserRestored] as const;
type Tx = Pick<RouteTransaction<typeof RESTORATION_EVENTS>, 'db' | 'emit'>;

/** Brings a deleted user back as they were, but signed out. */
export async function restoreUser(
  { db, emit }: Tx,
  origin: Origin,
  userId: string,
): Promise<StoredUser | 'unknown' | 'not-deleted' | 'too-late'> {
  const found = await lockUser(db, userId);
  if (!found || found.user.status === 'erased') return 'unknown';
  if (found.user.status !== 'deleted') return 'not-deleted';
  if (!(await markRestored(db, userId, RESTORABLE_MS))) return 'too-late';
  await recordAudit(db, origin, { action: 'account.restored', userId });
  await emit(UserRestored, { userId });
  return (await findUser(db, userId)) ?? 'unknown';
}
