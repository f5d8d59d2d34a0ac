import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { newId } from '@ebb/core';
import type { Sql } from '@ebb/postgres';
import { seal, type SealingKeys } from '../crypto/sealed.ts';
import { KEY_LEAD_MS, rotationOf } from '../domain/key-rotation.ts';
import { activateKey, insertKey, keysInUse, lockKeys, retireKey, revokeUsedKeys } from '../store/signing-keys.ts';

/** What its place in the database is called, when a key is encrypted for it. */
export const placeOfKey = (kid: string): string => `signing key ${kid}`;

/** Sees to it that there is a key that signs and one that is published to sign next. */
export async function ensureKeys(db: Sql, sealing: SealingKeys): Promise<void> {
  await lockKeys(db);
  const { active, next } = await keysInUse(db);
  if (!active) await activateKey(db, next?.kid ?? (await publishKey(db, sealing)));
  if (!active || !next) await publishKey(db, sealing);
}

/** Rotates when the key that signs has done so for long enough. @returns what happened */
export async function rotateIfDue(db: Sql, sealing: SealingKeys, everyMs: number): Promise<'rotated' | 'waits'> {
  await ensureKeys(db, sealing);
  const { active, next } = await keysInUse(db);
  if (!active || !next || rotationOf(active, next, everyMs) !== 'rotate') return 'waits';
  await handOver(db, sealing, active.kid, next.kid);
  return 'rotated';
}

/**
 * Rotates now, because somebody says so.
 * @returns after how long it may be, when those who keep a copy of the key set may not have seen the next key yet
 */
export async function rotateNow(db: Sql, sealing: SealingKeys): Promise<{ readonly waitMs: number }> {
  await ensureKeys(db, sealing);
  const { active, next } = await keysInUse(db);
  const waitMs = Math.max(0, KEY_LEAD_MS - (next?.publishedForMs ?? 0));
  if (active && next && waitMs === 0) await handOver(db, sealing, active.kid, next.kid);
  return { waitMs };
}

/** The keys that have signed are in wrong hands: from now on nothing that they signed is good. */
export async function replaceCompromised(db: Sql, sealing: SealingKeys): Promise<{ readonly waitMs: number }> {
  await lockKeys(db);
  await revokeUsedKeys(db);
  await ensureKeys(db, sealing);
  return { waitMs: 0 };
}

async function handOver(db: Sql, sealing: SealingKeys, active: string, next: string): Promise<void> {
  await retireKey(db, active);
  await activateKey(db, next);
  await publishKey(db, sealing);
}

const newKeyPair = promisify(generateKeyPair);

async function publishKey(db: Sql, sealing: SealingKeys): Promise<string> {
  const { publicKey, privateKey } = await newKeyPair('ed25519');
  const kid = newId();
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const publicJwk = { kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' };
  const bytes = privateKey.export({ format: 'der', type: 'pkcs8' });
  await insertKey(db, { kid, publicJwk, privateKey: seal(bytes, placeOfKey(kid), sealing) });
  return kid;
}
