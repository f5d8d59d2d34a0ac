import type { CloudEvent, DecodedEvent, EventRecord } from '../cloud-event.ts';
import { CloudEventError } from '../errors.ts';
import { attributesOf } from './attribute-values.ts';
import { contentTypeOf, readHeaders, type HeaderBinding } from './binary-mode.ts';
import { decodeData, encodeData } from './data.ts';
import { checkBodySize, decodeStructured } from './http.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { modeOf } from './media-type.ts';

/** Header values of a record are UTF-8 as they stand, without escapes (Kafka binding, 3.2.4.2). */
const KAFKA: HeaderBinding = { prefix: 'ce_', decode: (_name, raw) => raw };

/**
 * An event as a record of a log, by the Kafka protocol binding in binary mode. The key is the event's `partitionkey`.
 * @param payload the data's bytes where they are known already, instead of `event.data`
 * @throws CloudEventError naming what cannot be written
 */
export function toRecord(event: CloudEvent, payload?: Buffer): EventRecord {
  const headers: Record<string, string> = {};
  for (const [name, value] of attributesOf(event)) {
    if (name !== 'datacontenttype') headers[`ce_${name}`] = String(value);
  }
  const contentType = contentTypeOf(event);
  if (contentType !== undefined) headers['content-type'] = contentType;
  return { key: event.partitionkey ?? null, headers, value: payload ?? encodeData(event) ?? null };
}

/**
 * The event of a record, in binary mode or in structured mode (other producers use it).
 * @throws CloudEventError when the record holds no valid event
 */
export function fromRecord({ headers, value }: EventRecord): DecodedEvent {
  if (value !== null) checkBodySize(value, DEFAULT_LIMITS);
  const contentType = headers['content-type'];
  switch (modeOf(contentType)) {
    case 'structured':
      return decodeStructured(contentType, value ?? Buffer.alloc(0), DEFAULT_LIMITS);
    case 'batch':
      throw new CloudEventError('a record cannot hold a batch of events', { status: 415 });
    case 'binary':
      return fromBinaryRecord(headers, value);
  }
}

function fromBinaryRecord(headers: EventRecord['headers'], value: Buffer | null): DecodedEvent {
  const draft = readHeaders(withoutRepetition(headers), KAFKA, DEFAULT_LIMITS);
  if (value === null) return { event: draft as CloudEvent, payload: undefined };
  draft.data = decodeData(value, draft.datacontenttype, DEFAULT_LIMITS.maxJsonDepth);
  return { event: draft as CloudEvent, payload: value };
}

/** The SDK for JavaScript says the media type a second time, as an attribute: what says the same does no harm. */
function withoutRepetition(headers: EventRecord['headers']): EventRecord['headers'] {
  const repeated = headers.ce_datacontenttype;
  if (repeated === undefined || repeated !== headers['content-type']) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'ce_datacontenttype'));
}
