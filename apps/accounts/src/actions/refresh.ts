import { timingSafeEqual } from 'node:crypto';
import { readRefreshToken, secretHashOf } from '../crypto/refresh-token.ts';
import { refreshed } from '../domain/session.ts';
import { findAccount } from '../store/accounts.ts';
import { recordAudit, type Origin } from '../store/audit.ts';
import { lockSession, rotateSession } from '../store/sessions.ts';
import { revokeOne, type RevocationTx } from './revoke.ts';
import { tokensOf, type Tokens } from './tokens.ts';

/** New tokens for a refresh token; undefined when it is not good, for whatever reason. */
export async function refresh(
  tx: RevocationTx,
  origin: Origin,
  token: string,
  config: Parameters<typeof tokensOf>[1],
): Promise<Tokens | undefined> {
  const presented = readRefreshToken(token, config.TOKEN_KEY);
  const session = presented && (await lockSession(tx.db, presented.sessionId));
  if (!session || !timingSafeEqual(session.secretHash, secretHashOf(presented.secret))) return undefined;
  const { sessionId, userId } = session;
  const what = refreshed(session, presented.generation, config.REFRESH_GRACE);
  if (what === 'reuse') {
    await recordAudit(tx.db, origin, { action: 'session.token-reused', userId, detail: { sessionId } });
    await revokeOne(tx, origin, { userId, sessionId }, 'token-reuse');
  }
  const account = await findAccount(tx.db, userId);
  if (what === 'reuse' || what === 'over' || !account || account.isDeleted) return undefined;
  if (what === 'rotate') await rotateSession(tx.db, sessionId, config.SESSION_IDLE);
  return tokensOf(tx.db, config, account, { ...presented, generation: presented.generation + 1 });
}
