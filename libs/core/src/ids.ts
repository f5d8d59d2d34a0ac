import { hash, randomBytes } from 'node:crypto';

/** The namespace under which Ebb derives ids from names (RFC 9562, version 5). */
const EBB_NAMESPACE = Buffer.from('5eb0e7a2c1d94f0e8d3a6b7f90214c58', 'hex');

/** A new UUID of version 7: unique, and later ids sort after earlier ones (to the millisecond). */
export function newId(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  return stamp(bytes, 7);
}

/** The UUID of version 5 that belongs to a name: the same name always gives the same id. */
export function derivedId(name: string): string {
  const digest = hash('sha1', Buffer.concat([EBB_NAMESPACE, Buffer.from(name)]), 'buffer');
  return stamp(digest.subarray(0, 16), 5);
}

function stamp(bytes: Buffer, version: 5 | 7): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
