import { hkdfSync } from 'node:crypto';
import type { Secret } from '@ebb/core';

/** What TOKEN_KEY is used for, each with a key of its own: what is known of one says nothing of another. */
export type Use = 'challenge' | 'refresh-token' | 'login' | 'client';

const BYTES = 32;
const derived = new WeakMap<Secret, Map<Use, Buffer>>();

/** The key for one use, derived once per process. */
export function keyFor(use: Use, root: Secret): Buffer {
  const keys = derived.get(root) ?? new Map<Use, Buffer>();
  derived.set(root, keys);
  const key =
    keys.get(use) ??
    Buffer.from(hkdfSync('sha256', Buffer.from(root.reveal(), 'base64'), '', `ebb accounts ${use}`, BYTES));
  keys.set(use, key);
  return key;
}
