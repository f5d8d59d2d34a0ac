import { createHmac } from 'node:crypto';
import type { Secret } from '@ebb/core';
import { keyFor, type Use } from './derived-key.ts';

const BYTES = 16;

/** The same for the same value, which nobody without the key finds by trying all there are: 128 bits in base64url. */
export function keyedHash(use: Use, root: Secret, value: string): string {
  return mac(use, root, value).toString('base64url');
}

/** The first 128 bits of an HMAC-SHA-256. */
export function mac(use: Use, root: Secret, value: string | Buffer): Buffer {
  return createHmac('sha256', keyFor(use, root)).update(value).digest().subarray(0, BYTES);
}
