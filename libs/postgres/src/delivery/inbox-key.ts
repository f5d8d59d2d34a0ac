import { createHash } from 'node:crypto';
import type { DeliveryKey } from '../database.ts';

/** An entry of an index has at most 2,704 bytes; the longest consists of two of these, a function's name and a hash. */
const MAX_KEY_BYTES = 1_000;

/** What tells one effect from another, as stored in the inbox. */
export interface InboxKey {
  readonly fn: string;
  readonly source: string;
  readonly eventId: string;
}

/** A business key takes the place of source and id; no event has an empty source, so the two kinds never meet. */
export function inboxKeyOf({ fn, source, id, businessKey }: DeliveryKey): InboxKey {
  return businessKey === undefined
    ? { fn, source: storedKey(source), eventId: storedKey(id) }
    : { fn, source: '', eventId: storedKey(businessKey) };
}

/** One text for each key of the inbox. */
export function textOfKey(delivery: DeliveryKey): string {
  const { fn, source, eventId } = inboxKeyOf(delivery);
  return `${fn}\n${source}\n${eventId}`;
}

/** A UTF-16 unit takes three bytes of UTF-8 at most: most keys need not be counted. */
const isShort = (key: string): boolean => 3 * key.length <= MAX_KEY_BYTES || Buffer.byteLength(key) <= MAX_KEY_BYTES;

/**
 * A key as it is stored: itself, or its hash where PostgreSQL could not hold or index it. An event whose key cannot be written
 * could neither take effect nor be parked.
 */
export function storedKey(key: string): string {
  if (isShort(key) && !key.includes('\u0000')) return key;
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
