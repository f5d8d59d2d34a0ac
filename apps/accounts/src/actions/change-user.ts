import type { RouteTransaction } from '@ebb/function';
import { UserUpdated } from '@ebb/schemas';
import { isMatch } from '../domain/user-version.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { findUser, lockUser, setName, type StoredUser } from '../store/users.ts';

export const CHANGE_EVENTS = [UserUpdated] as const;
type Tx = Pick<RouteTransaction<typeof CHANGE_EVENTS>, 'db' | 'emit'>;

/** What of a user is to be something else; null is to be nothing (RFC 7396). */
export interface UserChange {
  readonly name?: string | null | undefined;
}

/** Changes what is given, if the user is still as the one who changes them has seen. */
export async function changeUser(
  { db, emit }: Tx,
  origin: Origin,
  userId: string,
  { ifMatch, change }: { readonly ifMatch: string; readonly change: UserChange },
): Promise<StoredUser | 'unknown' | 'mismatch'> {
  const found = await lockUser(db, userId);
  if (!found || found.user.status === 'deleted' || found.user.status === 'erased') return 'unknown';
  if (!isMatch(ifMatch, found.version)) return 'mismatch';
  const { name } = change;
  if (name === undefined || (name ?? undefined) === found.user.name) return found;
  await setName(db, userId, name);
  await recordAudit(db, origin, { action: 'account.updated', userId, detail: { changed: ['name'] } });
  await emit(UserUpdated, { userId, changed: ['name'] });
  return (await findUser(db, userId)) ?? 'unknown';
}
