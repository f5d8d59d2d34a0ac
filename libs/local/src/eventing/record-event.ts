import { fromRecord, type DecodedEvent, type EventRecord } from '@ebb/events';
import { fromLenientRecord } from './lenient-codec.ts';

/** The event of a record, or undefined when the record holds none. Takes everything that the ingress accepts. */
export function eventOfRecord(record: EventRecord): DecodedEvent | undefined {
  try {
    return fromRecord(record);
  } catch {
    return fromLenientRecord(record);
  }
}
