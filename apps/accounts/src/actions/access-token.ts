import { createPrivateKey, randomUUID, type KeyObject } from 'node:crypto';
import { EbbError } from '@ebb/core';
import type { Sql } from '@ebb/postgres';
import { open, type SealingKeys } from '../crypto/sealed.ts';
import { rolesInToken, type Role } from '../domain/account.ts';
import { activeKey } from '../store/signing-keys.ts';
import { ensureKeys, placeOfKey } from './rotate-keys.ts';

export const ISSUER = 'urn:ebb:accounts';
export const AUDIENCE = 'ebb';
/** What a person who signed in by themselves may do is all that their roles allow. */
const SCOPE = 'account';

/** Whom an access token speaks of. */
export interface Subject {
  readonly userId: string;
  readonly sessionId: string;
  readonly roles: readonly Role[];
}

/** A JWT access token (RFC 9068), signed with the key that signs at this moment; in the caller's transaction. */
export async function accessToken(
  db: Sql,
  sealing: SealingKeys,
  { userId, sessionId, roles }: Subject,
  lifetimeMs: number,
): Promise<string> {
  const { kid, key } = await signingKey(db, sealing);
  const { SignJWT } = await import('jose');
  const nowS = Math.floor(Date.now() / 1_000);
  return new SignJWT({ sid: sessionId, roles: rolesInToken(roles), scope: SCOPE })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(userId)
    .setJti(randomUUID())
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + Math.floor(lifetimeMs / 1_000))
    .sign(key);
}

interface SigningKey {
  readonly kid: string;
  readonly key: KeyObject;
}

/** The last one that was used, so that it is not decrypted each time; which one it is, PostgreSQL says each time. */
let last: SigningKey | undefined;

async function signingKey(db: Sql, sealing: SealingKeys): Promise<SigningKey> {
  const active = (await activeKey(db)) ?? (await firstKey(db, sealing));
  if (last?.kid === active.kid) return last;
  const bytes = open(active.privateKey, placeOfKey(active.kid), sealing);
  last = { kid: active.kid, key: createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' }) };
  return last;
}

async function firstKey(db: Sql, sealing: SealingKeys): Promise<{ kid: string; privateKey: Buffer }> {
  await ensureKeys(db, sealing);
  const key = await activeKey(db);
  if (!key) throw new EbbError('EBB_RUNTIME', 'there is no signing key although one was just made');
  return key;
}
