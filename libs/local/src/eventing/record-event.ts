import { fromRecord, type DecodedEvent } from '@ebb/events';
import type { StoredRecord } from '@ebb/event-log';
import { fromLenientRecord } from './lenient-codec.ts';

/** The event of a record, or undefined when the record holds none. Takes everything that the ingress accepts. */
export function eventOfRecord(record: StoredRecord): DecodedEvent | undefined {
  try {
    return fromRecord(record);
  } catch {
    return fromLenientRecord(record);
  }
}
