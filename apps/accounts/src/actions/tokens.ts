import { newId, type ConfigOf } from '@ebb/core';
import type { Sql } from '@ebb/postgres';
import * as z from 'zod/mini';
import { sealingKeysOf } from '../crypto/sealing-keys.ts';
import { newFamilySecret, refreshTokenOf, secretHashOf } from '../crypto/refresh-token.ts';
import type { Account } from '../domain/account.ts';
import type { ACCESS_TOKEN_SETTINGS, SEALING_SETTINGS, TOKEN_SETTINGS } from '../settings.ts';
import { insertSession, revokeOldest } from '../store/sessions.ts';
import type { Origin } from '../store/audit.ts';
import { accessToken } from './access-token.ts';
import { announce, type RevocationTx } from './revoke.ts';

type TokenConfig = ConfigOf<typeof ACCESS_TOKEN_SETTINGS & typeof SEALING_SETTINGS & typeof TOKEN_SETTINGS>;

/** What a client that signed in gets. */
export const Tokens = z.object({
  userId: z.uuid(),
  sessionId: z.uuid(),
  /** Sent as `Authorization: Bearer …`. */
  accessToken: z.string(),
  tokenType: z.literal('Bearer'),
  /** Seconds until the access token is no longer good. */
  expiresIn: z.int(),
  /** Good once, for new tokens. */
  refreshToken: z.string(),
});
export type Tokens = z.infer<typeof Tokens>;

/** A person has a handful of devices; whoever has a thousand sessions is a script that never signs out. */
const MAX_SESSIONS = 50;

/** A new session of an account, and its first tokens. */
export async function openSession(
  tx: RevocationTx,
  config: TokenConfig,
  { userId, roles }: Pick<Account, 'userId' | 'roles'>,
  { device, ...origin }: Origin & { readonly clientHash: string; readonly device: string },
): Promise<Tokens> {
  const [sessionId, secret] = [newId(), newFamilySecret()];
  await insertSession(tx.db, {
    ...{ sessionId, userId, device, clientHash: origin.clientHash },
    secretHash: secretHashOf(secret),
    idleMs: config.SESSION_IDLE,
    maxMs: config.SESSION_MAX,
  });
  await announce(tx, origin, userId, 'too-many-sessions', await revokeOldest(tx.db, userId, MAX_SESSIONS));
  return tokensOf(tx.db, config, { userId, roles }, { sessionId, generation: 0, secret });
}

/** The tokens of a session at one point of its life. */
export async function tokensOf(
  db: Sql,
  config: TokenConfig,
  { userId, roles }: Pick<Account, 'userId' | 'roles'>,
  family: Parameters<typeof refreshTokenOf>[0],
): Promise<Tokens> {
  const { sessionId } = family;
  const lifetimeMs = config.ACCESS_TOKEN_LIFETIME;
  return {
    ...{ userId, sessionId, tokenType: 'Bearer' },
    accessToken: await accessToken(db, sealingKeysOf(config), { userId, sessionId, roles }, lifetimeMs),
    expiresIn: Math.floor(lifetimeMs / 1_000),
    refreshToken: refreshTokenOf(family, config.TOKEN_KEY),
  };
}
