import type { RouteTransaction } from '@ebb/function';
import { SessionRevoked, type RevocationReason } from '@ebb/schemas';
import { recordAudit, type Origin } from '../store/audit.ts';
import { revokeSession, revokeSessions } from '../store/sessions.ts';

export const REVOCATION_EVENTS = [SessionRevoked] as const;
export type RevocationTx = Pick<RouteTransaction<typeof REVOCATION_EVENTS>, 'db' | 'emit'>;

/** Ends all sessions of a user, but for one; nothing when there are none. */
export async function revokeAll(
  tx: RevocationTx,
  origin: Origin,
  userId: string,
  reason: RevocationReason,
  except?: string,
): Promise<void> {
  await announce(tx, origin, userId, reason, await revokeSessions(tx.db, userId, reason, except));
}

/** Ends one session of a user. @returns whether there was one */
export async function revokeOne(
  tx: RevocationTx,
  origin: Origin,
  { userId, sessionId }: { readonly userId: string; readonly sessionId: string },
  reason: RevocationReason,
): Promise<boolean> {
  const ended = await revokeSession(tx.db, userId, sessionId, reason);
  await announce(tx, origin, userId, reason, ended);
  return ended.length > 0;
}

export async function announce(
  { db, emit }: RevocationTx,
  origin: Origin,
  userId: string,
  reason: RevocationReason,
  sessionIds: readonly string[],
): Promise<void> {
  if (sessionIds.length === 0) return;
  await emit(SessionRevoked, { userId, sessionIds: [...sessionIds], reason });
  await recordAudit(db, origin, { action: 'session.revoked', userId, detail: { reason, sessionIds } });
}
