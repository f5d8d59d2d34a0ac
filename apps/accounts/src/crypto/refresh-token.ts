import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@ebb/core';
import { mac } from './keyed-hash.ts';
import { bytesOfUuid, uuidOfBytes } from './uuid-bytes.ts';

/** One token of a family: those of a session share its secret, and are good one after the other. */
export interface RefreshToken {
  readonly sessionId: string;
  readonly generation: number;
  readonly secret: Buffer;
}

const ID_BYTES = 16;
const GENERATION_BYTES = 4;
const SECRET_BYTES = 32;
const PAYLOAD_BYTES = ID_BYTES + GENERATION_BYTES + SECRET_BYTES;
const TOKEN_BYTES = PAYLOAD_BYTES + 16;

export const newFamilySecret = (): Buffer => randomBytes(SECRET_BYTES);

/** What is kept of a family's secret. It has 256 random bits: a plain hash protects it. */
export const secretHashOf = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest();

/**
 * A refresh token, opaque to its owner: session, generation, the family's secret, and our word for it. No token is kept. From a stolen
 * database none can be made (the secret is missing), from a stolen key neither, and from an old token no later one.
 */
export function refreshTokenOf({ sessionId, generation, secret }: RefreshToken, root: Secret): string {
  const payload = Buffer.concat([bytesOfUuid(sessionId), Buffer.alloc(GENERATION_BYTES), secret]);
  payload.writeUInt32BE(generation, ID_BYTES);
  return Buffer.concat([payload, mac('refresh-token', root, payload)]).toString('base64url');
}

/** What a token says; undefined when we did not make it, which costs nobody a query. */
export function readRefreshToken(token: string, root: Secret): RefreshToken | undefined {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== TOKEN_BYTES) return undefined;
  const payload = bytes.subarray(0, PAYLOAD_BYTES);
  if (!timingSafeEqual(bytes.subarray(PAYLOAD_BYTES), mac('refresh-token', root, payload))) return undefined;
  return {
    sessionId: uuidOfBytes(payload.subarray(0, ID_BYTES)),
    generation: payload.readUInt32BE(ID_BYTES),
    secret: payload.subarray(ID_BYTES + GENERATION_BYTES),
  };
}
