import { EbbError } from '@ebb/core';
import type { EventRecord } from '../cloud-event.ts';

/** The largest record that every log takes: Kafka's defaults allow 1 MiB for a batch, whose frame is part of it. */
export const MAX_RECORD_BYTES = 1_047_552;

/** Lengths and the delta fields of a record, and of each header (Kafka's record format, version 2), at the most. */
const RECORD_FRAME_BYTES = 32;
const HEADER_FRAME_BYTES = 10;
/** The header of the hop, which is added on the way. */
const TRACEPARENT_BYTES = 'traceparent'.length + 55 + HEADER_FRAME_BYTES;

/** The bytes that a record takes in a log, headers and the trace's header among them. */
export function recordBytes({ key, headers, value }: EventRecord): number {
  let bytes = RECORD_FRAME_BYTES + Buffer.byteLength(key ?? '') + (value?.length ?? 0);
  if (headers.traceparent === undefined) bytes += TRACEPARENT_BYTES;
  for (const [name, text] of Object.entries(headers)) {
    bytes += HEADER_FRAME_BYTES + Buffer.byteLength(name) + Buffer.byteLength(text);
  }
  return bytes;
}

/** @throws EbbError EBB_TOO_LARGE for a record that no log takes: trying again is of no use */
export function assertRecordFits(record: EventRecord): void {
  const bytes = recordBytes(record);
  if (bytes <= MAX_RECORD_BYTES) return;
  const { ce_id: id = 'without id', ce_type: type = 'no type' } = record.headers;
  throw new EbbError(
    'EBB_TOO_LARGE',
    `event ${id} (${type}) takes ${bytes} bytes with its attributes, at most ${MAX_RECORD_BYTES} are carried`,
  );
}
