import type { Sql } from '@ebb/postgres';
import type { KeyState } from '../domain/key-rotation.ts';

/** The public part of a signing key, as a JWK Set has it. */
export interface PublicJwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly kid: string;
  readonly alg: string;
  readonly use: string;
}

export interface NewSigningKey {
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  /** Encrypted. */
  readonly privateKey: Buffer;
}

interface KeyRow {
  kid: string;
  published_ms: number;
  active_ms: number | null;
}

/** Only one at a time changes the keys. */
export async function lockKeys(db: Sql): Promise<void> {
  await db`select pg_advisory_xact_lock(hashtextextended(${'ebb.accounts.signing-keys'}, 0))`;
}

/** The key that signs, and the one that is published to sign next. */
export async function keysInUse(db: Sql): Promise<{ active: KeyState | undefined; next: KeyState | undefined }> {
  const rows = await db<KeyRow>`
    select kid, extract(epoch from now() - published_at)::float8 * 1000 as published_ms,
      extract(epoch from now() - activated_at)::float8 * 1000 as active_ms
    from signing_keys where retired_at is null and revoked_at is null`;
  const states = rows.map(({ kid, published_ms: publishedForMs, active_ms: active }) => ({
    kid,
    publishedForMs,
    activeForMs: active ?? undefined,
  }));
  return {
    active: states.find(({ activeForMs }) => activeForMs !== undefined),
    next: states.find(({ activeForMs }) => activeForMs === undefined),
  };
}

export async function insertKey(db: Sql, { kid, publicJwk, privateKey }: NewSigningKey): Promise<void> {
  await db`
    insert into signing_keys (kid, public_jwk, private_key) values (${kid}, ${JSON.stringify(publicJwk)}, ${privateKey})`;
}

/** From now on it signs; whoever holds {@link lockKeys} has retired the one before. */
export async function activateKey(db: Sql, kid: string): Promise<void> {
  await db`update signing_keys set activated_at = now() where kid = ${kid}`;
}

/** It signs no more; what it signed stays good. */
export async function retireKey(db: Sql, kid: string): Promise<void> {
  await db`update signing_keys set retired_at = now() where kid = ${kid}`;
}

/** Nothing that it signed is good any more, nor that of keys before it. */
export async function revokeUsedKeys(db: Sql): Promise<void> {
  await db`update signing_keys set revoked_at = now() where activated_at is not null and revoked_at is null`;
}

/** The key that signs now, encrypted. */
export async function activeKey(db: Sql): Promise<{ kid: string; privateKey: Buffer } | undefined> {
  const [row] = await db<{ kid: string; private_key: Buffer }>`
    select kid, private_key from signing_keys
    where activated_at is not null and retired_at is null and revoked_at is null`;
  return row && { kid: row.kid, privateKey: row.private_key };
}

/** Whatever may have signed a token that is still good, and what will sign next; the newest first. */
export async function publishedKeys(db: Sql, keepRetiredMs: number): Promise<readonly PublicJwk[]> {
  const rows = await db<{ public_jwk: PublicJwk }>`
    select public_jwk from signing_keys
    where revoked_at is null and (retired_at is null or retired_at > now() - ${keepRetiredMs}::float8 * interval '1 millisecond')
    order by published_at desc, kid`;
  return rows.map(({ public_jwk: jwk }) => jwk);
}
