import { hash, randomBytes } from 'node:crypto';

/** The namespace under which Ebb derives ids from names (RFC 9562, version 5). */
const EBB_NAMESPACE = Buffer.from('5eb0e7a2c1d94f0e8d3a6b7f90214c58', 'hex');
/** Namespace and name, one after the other: room for names as they mostly are. */
const named = Buffer.concat([EBB_NAMESPACE], 1_024);
const BYTES_PER_UNIT = 3;

/** A new UUID of version 7: unique, and later ids sort after earlier ones (to the millisecond). */
export function newId(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  return stamped(bytes.toString('hex'), '7');
}

/** The UUID of version 5 that belongs to a name: the same name always gives the same id. */
export function derivedId(name: string): string {
  return stamped(hash('sha1', withNamespace(name), 'hex'), '5');
}

function withNamespace(name: string): Buffer {
  const { length } = EBB_NAMESPACE;
  if (length + BYTES_PER_UNIT * name.length > named.length) return Buffer.concat([EBB_NAMESPACE, Buffer.from(name)]);
  return named.subarray(0, length + named.write(name, length, 'utf8'));
}

/** The first 16 bytes as a UUID: four of their bits say which version it is, two which variant. */
function stamped(hex: string, version: '5' | '7'): string {
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) & 3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
