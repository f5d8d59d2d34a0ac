import type { RouteTransaction } from '@ebb/function';
import { SessionRevoked, UserUpdated } from '@ebb/schemas';
import { setPassword } from '../store/accounts.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { closeChallenges } from '../store/challenges.ts';
import { revokeAll } from './revoke.ts';

export const CHANGE_PASSWORD_EVENTS = [UserUpdated, SessionRevoked] as const;

/** Sets the password of somebody who has proved to know the old one, and signs them out everywhere else. */
export async function changePassword(
  tx: Pick<RouteTransaction<typeof CHANGE_PASSWORD_EVENTS>, 'db' | 'emit'>,
  origin: Origin,
  userId: string,
  { passwordHash, sessionId }: { readonly passwordHash: string; readonly sessionId: string | undefined },
): Promise<void> {
  await setPassword(tx.db, userId, passwordHash);
  await closeChallenges(tx.db, userId, ['password-reset']);
  await tx.emit(UserUpdated, { userId, changed: ['password'] });
  await revokeAll(tx, origin, userId, 'password-changed', sessionId);
  await recordAudit(tx.db, origin, { action: 'password.changed', userId });
}
