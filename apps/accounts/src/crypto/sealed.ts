import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import { EbbError, type Secret } from '@ebb/core';

/** The keys that encrypt what is kept: the first encrypts, all decrypt, so that one can be replaced. */
export type SealingKeys = readonly [Secret, ...Secret[]];

const ALGORITHM = 'aes-256-gcm';
const VERSION = 1;
const KEY_NAME_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_NAME_BYTES + IV_BYTES + TAG_BYTES;

/** Encrypts a value for one place: put anywhere else, it cannot be opened. */
export function seal(value: Buffer, place: string, [first]: SealingKeys): Buffer {
  const key = bytesOf(first);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(value), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nameOf(key), iv, cipher.getAuthTag(), sealed]);
}

/**
 * Opens what {@link seal} closed.
 * @throws EbbError EBB_RUNTIME when none of the keys closed it, or it was changed, or belongs to another place
 */
export function open(sealed: Buffer, place: string, keys: SealingKeys): Buffer {
  const name = sealed.subarray(1, 1 + KEY_NAME_BYTES);
  const key = keys.map(bytesOf).find((each) => nameOf(each).equals(name));
  if (sealed.length < HEAD_BYTES || sealed[0] !== VERSION || !key) {
    throw new EbbError(
      'EBB_RUNTIME',
      `what is kept for ${place} was encrypted with another KEY_ENCRYPTION_KEY: give that as KEY_ENCRYPTION_KEY_BEFORE`,
    );
  }
  const iv = sealed.subarray(1 + KEY_NAME_BYTES, HEAD_BYTES - TAG_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(place))
    .setAuthTag(sealed.subarray(HEAD_BYTES - TAG_BYTES, HEAD_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new EbbError('EBB_RUNTIME', `what is kept for ${place} was changed, or is of another place`, { cause });
  }
}

const bytesOf = (key: Secret): Buffer => Buffer.from(key.reveal(), 'base64');

/** Tells keys apart, and nothing else about them. */
const nameOf = (key: Buffer): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from('name'), key]), 'buffer').subarray(0, KEY_NAME_BYTES);
