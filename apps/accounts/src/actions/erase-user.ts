import type { Secret } from '@ebb/core';
import { UserDeleted } from '@ebb/schemas';
import { findAccount } from '../store/accounts.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { lockRoles } from '../store/roles.ts';
import { emptyUser } from '../store/user-erasure.ts';
import { lockUser } from '../store/users.ts';
import { loginOf } from './attempt.ts';
import { isLastAdmin, type DeletionTx } from './delete-user.ts';
import { revokeAll } from './revoke.ts';

/** Removes all that says who a user is, for good, and tells everybody else to. */
export async function eraseUser(
  tx: DeletionTx,
  origin: Origin,
  userId: string,
  root: Secret,
): Promise<'done' | 'unknown' | 'last'> {
  const { db, emit } = tx;
  await lockRoles(db);
  const found = await lockUser(db, userId);
  if (!found || found.user.status === 'erased') return 'unknown';
  if (await isLastAdmin(tx, found)) return 'last';
  const { emailKey } = (await findAccount(db, userId)) ?? {};
  await revokeAll(tx, origin, userId, 'account-deleted');
  await recordAudit(db, origin, { action: 'account.erased', userId });
  await emptyUser(db, userId, emailKey === undefined ? undefined : loginOf(emailKey, root));
  await emit(UserDeleted, { userId, erased: true });
  return 'done';
}
