import { MAX_RECORD_BYTES, recordBytes } from '@ebb/events';
import type { LogRecord } from '@ebb/event-log';

/** A record and the partition that it goes to. */
export interface Placed {
  readonly partition: number;
  readonly record: LogRecord;
}

/**
 * Splits records, in their order, so that what goes to one partition at a time fits into a batch: a broker takes 1 MiB, and the library does not split.
 */
export function chunksOf(placed: readonly Placed[]): readonly (readonly Placed[])[] {
  const chunks: Placed[][] = [];
  let bytes = new Map<number, number>();
  for (const each of placed) {
    const { partition, record } = each;
    const size = recordBytes(record);
    const filled = (bytes.get(partition) ?? 0) + size;
    const last = chunks.at(-1);
    if (last && filled <= MAX_RECORD_BYTES) {
      last.push(each);
      bytes.set(partition, filled);
    } else {
      chunks.push([each]);
      bytes = new Map([[partition, size]]);
    }
  }
  return chunks;
}
