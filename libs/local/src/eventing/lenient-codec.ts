import type { IncomingHttpHeaders } from 'node:http';
import { parseJson, type Json } from '@ebb/core';
import { CloudEventError, DEFAULT_LIMITS, type CloudEvent, type DecodedEvent, type EventRecord } from '@ebb/events';

const VERSIONS = ['0.3', '1.0'];
const NAME = /^[a-z0-9]+$/;
/** RFC 3339. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;
/** A URI reference (RFC 3986) has no spaces, controls, quotes or brackets, and a percent sign starts an escape. */
const URI_REFERENCE = /^(?:[^\s\p{Cc}"<>\\^`{|}%]|%[\da-f]{2})+$/iu;
const STRUCTURED = 'application/cloudevents';

/**
 * Reads an HTTP message as leniently as Knative's ingress does: an empty id, specversion 0.3, extension names of any
 * length, data that is not what its content type says, no content type and no data are all accepted there.
 * Used only after the strict codec has refused the message, and only for a Broker that does not enforce schemas.
 * @throws CloudEventError for what Knative refuses as well, naming the attribute
 */
export function decodeLeniently(headers: IncomingHttpHeaders, body: Buffer): DecodedEvent {
  const contentType = headers['content-type'];
  if (contentType?.toLowerCase().startsWith(STRUCTURED)) return decodeEnvelope(body);
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-') && typeof value === 'string') attributes[name.slice(3)] = value;
  }
  if (contentType !== undefined) attributes.datacontenttype = contentType;
  return { event: checked(attributes), payload: body.length > 0 ? body : undefined };
}

/** The record of an event that was accepted leniently; undefined when the record holds no event at all. */
export function fromLenientRecord({ headers, value }: EventRecord): DecodedEvent | undefined {
  const attributes: Record<string, string> = {};
  for (const [name, text] of Object.entries(headers)) {
    if (name.startsWith('ce_')) attributes[name.slice(3)] = text;
  }
  if (headers['content-type'] !== undefined) attributes.datacontenttype = headers['content-type'];
  try {
    return { event: checked(attributes), payload: value ?? undefined };
  } catch {
    return undefined;
  }
}

/** The record of a leniently accepted event, in Kafka's binary mode. */
export function toLenientRecord({ event, payload }: DecodedEvent): EventRecord {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(event)) {
    if (name === 'data' || name === 'data_base64' || typeof value !== 'string') continue;
    headers[name === 'datacontenttype' ? 'content-type' : `ce_${name}`] = value;
  }
  return { key: event.partitionkey ?? null, headers, value: payload ?? null };
}

function decodeEnvelope(body: Buffer): DecodedEvent {
  const envelope = parseEnvelope(body);
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(envelope)) {
    if (name === 'data' || name === 'data_base64' || value === null) continue;
    if (typeof value === 'object') throw refuse(name, 'is neither text, number nor boolean');
    attributes[name] = String(value);
  }
  return { event: checked(attributes), payload: payloadOf(envelope, attributes.datacontenttype) };
}

function parseEnvelope(body: Buffer): Readonly<Record<string, Json>> {
  try {
    const value = parseJson(body.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, Json>;
  } catch (error) {
    throw new CloudEventError('the body is no JSON object', { cause: error });
  }
  throw new CloudEventError('the body is no JSON object');
}

function payloadOf(envelope: Readonly<Record<string, Json>>, contentType: string | undefined): Buffer | undefined {
  const { data, data_base64: base64 } = envelope;
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  if (data === undefined) return undefined;
  const isJson = contentType === undefined || /\bjson\b/i.test(contentType);
  return Buffer.from(typeof data === 'string' && !isJson ? data : JSON.stringify(data));
}

function checked(attributes: Readonly<Record<string, string>>): CloudEvent {
  checkSize(attributes);
  const { specversion, id, source, type, time } = attributes;
  if (specversion === undefined) throw refuse('specversion', 'is missing');
  if (!VERSIONS.includes(specversion)) throw refuse('specversion', `"${specversion}" is not supported`);
  if (id === undefined) throw refuse('id', 'is missing');
  if (type === undefined || type === '') throw refuse('type', 'is missing');
  if (source === undefined || !URI_REFERENCE.test(source)) throw refuse('source', 'is no URI reference');
  if (time !== undefined && !isTime(time)) throw refuse('time', `"${time}" is no RFC 3339 time`);
  const badName = Object.keys(attributes).find((name) => !NAME.test(name));
  if (badName !== undefined) throw refuse(badName, 'is no attribute name: only a-z and 0-9 are allowed');
  // The type says 1.0; what other version the producer wrote is kept, as the data plane keeps it.
  return { ...attributes, id, source, type, specversion: specversion as '1.0' };
}

/** Knative has no such limits of its own; ours keep a record's headers from growing without end. */
function checkSize(attributes: Readonly<Record<string, string>>): void {
  const { maxAttributes, maxAttributeBytes } = DEFAULT_LIMITS;
  const entries = Object.entries(attributes);
  if (entries.length > maxAttributes) throw new CloudEventError(`the event has more than ${maxAttributes} attributes`);
  for (const [name, value] of entries) {
    if (Buffer.byteLength(value) > maxAttributeBytes) throw refuse(name, `is longer than ${maxAttributeBytes} bytes`);
  }
}

function isTime(text: string): boolean {
  return TIME.test(text) && !Number.isNaN(Date.parse(text));
}

function refuse(attribute: string, what: string): CloudEventError {
  return new CloudEventError(`attribute ${attribute} ${what}`, { attribute });
}
