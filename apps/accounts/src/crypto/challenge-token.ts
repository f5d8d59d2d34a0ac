import { timingSafeEqual } from 'node:crypto';
import type { Secret } from '@ebb/core';
import { mac } from './keyed-hash.ts';
import { bytesOfUuid, uuidOfBytes } from './uuid-bytes.ts';

const ID_BYTES = 16;
const TOKEN_BYTES = 32;

/**
 * The token that the message of a challenge holds: its id, and what only we can make of it. So it is written down nowhere; whoever reads
 * the database, an event or a backup cannot make one.
 */
export function challengeToken(challengeId: string, root: Secret): string {
  const id = bytesOfUuid(challengeId);
  return Buffer.concat([id, mac('challenge', root, id)]).toString('base64url');
}

/** The challenge that a token is of; undefined when we did not make it. */
export function challengeIdOf(token: string, root: Secret): string | undefined {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== TOKEN_BYTES) return undefined;
  const id = bytes.subarray(0, ID_BYTES);
  return timingSafeEqual(bytes.subarray(ID_BYTES), mac('challenge', root, id)) ? uuidOfBytes(id) : undefined;
}
