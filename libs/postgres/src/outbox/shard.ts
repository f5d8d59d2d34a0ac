/** Lanes of an outbox. Each keeps its order by itself, so that as many relays can work at once. */
export const SHARDS = 8;

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;
const MAX_ASCII = 0x7f;

/** The lane of a partition key (FNV-1a). Events without a key have no order to keep, so they go by their id. */
export function shardOf(key: string): number {
  let hash = OFFSET_BASIS;
  for (let at = 0; at < key.length; at += 1) {
    const unit = key.charCodeAt(at);
    // Bytes of UTF-8 are hashed, and a unit of ASCII is one.
    if (unit > MAX_ASCII) return shardOfBytes(Buffer.from(key, 'utf8'));
    hash = Math.imul(hash ^ unit, PRIME);
  }
  return (hash >>> 0) % SHARDS;
}

function shardOfBytes(bytes: Buffer): number {
  let hash = OFFSET_BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return (hash >>> 0) % SHARDS;
}
