import type { IncomingHttpHeaders } from 'node:http';
import type { CloudEvent, DecodedEvent, DecodedMessage } from '../cloud-event.ts';
import { CloudEventError } from '../errors.ts';
import { attributesOf } from './attribute-values.ts';
import { contentTypeOf, readHeaders, type HeaderBinding } from './binary-mode.ts';
import { decodeData, encodeData, parseEventJson, utf8 } from './data.ts';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts';
import { decodeJsonEvent, encodeJsonEvent } from './json-format.ts';
import { elementsOf } from './json-text.ts';
import { DEFAULT_LIMITS, type CodecLimits } from './limits.ts';
import { BATCH_CONTENT_TYPE, essenceOf, isUtf8Charset, modeOf, STRUCTURED_CONTENT_TYPE } from './media-type.ts';

/** What is sent for one or several events. */
export interface HttpMessage {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const HTTP: HeaderBinding = { prefix: 'ce-', decode: decodeHeaderValue };

/**
 * The events of an HTTP request or response, in any of the three content modes of CloudEvents 1.0.2.
 * @param headers with lower-case names, as Node gives them
 * @throws CloudEventError, and nothing else, whatever came in
 */
export function decodeHttp(headers: IncomingHttpHeaders, body: Buffer, limits?: Partial<CodecLimits>): DecodedMessage {
  const allowed = limits === undefined ? DEFAULT_LIMITS : { ...DEFAULT_LIMITS, ...limits };
  checkBodySize(body, allowed);
  const mode = modeOf(headers['content-type']);
  switch (mode) {
    case 'binary':
      return { mode, events: [decodeBinary(headers, body, allowed)] };
    case 'structured':
      return { mode, events: [decodeStructured(headers['content-type'], body, allowed)] };
    case 'batch':
      return { mode, events: decodeBatch(headers['content-type'], body, allowed) };
  }
}

function decodeBinary(headers: IncomingHttpHeaders, body: Buffer, limits: CodecLimits): DecodedEvent {
  const event = readHeaders(headers, HTTP, limits);
  // HTTP cannot tell an empty body from none.
  if (body.length === 0) return { event: event as CloudEvent, payload: undefined };
  event.data = decodeData(body, event.datacontenttype, limits.maxJsonDepth);
  return { event: event as CloudEvent, payload: body };
}

/**
 * An event in structured mode, of HTTP or of a log.
 * @throws CloudEventError
 */
export function decodeStructured(contentType: string | undefined, body: Buffer, limits: CodecLimits): DecodedEvent {
  checkFormat(contentType, STRUCTURED_CONTENT_TYPE);
  const text = utf8(body, 'the body');
  return decodeJsonEvent(parseEventJson(text, limits.maxJsonDepth + 1), text, 0, limits);
}

function decodeBatch(contentType: string | undefined, body: Buffer, limits: CodecLimits): DecodedEvent[] {
  checkFormat(contentType, BATCH_CONTENT_TYPE);
  const text = utf8(body, 'the body');
  const values = parseEventJson(text, limits.maxJsonDepth + 2);
  if (!Array.isArray(values)) throw new CloudEventError('a batch must be a JSON array of events');
  if (values.length > limits.maxEvents) {
    throw new CloudEventError(`the batch has ${values.length} events, more than ${limits.maxEvents}`, { status: 413 });
  }
  return elementsOf(text).map(({ start }, index) => decodeBatched(values[index], text, start, index, limits));
}

function decodeBatched(value: unknown, text: string, from: number, index: number, limits: CodecLimits): DecodedEvent {
  try {
    return decodeJsonEvent(value, text, from, limits);
  } catch (error) {
    if (!(error instanceof CloudEventError)) throw error;
    const { status, attribute } = error;
    const message = `event ${index} of the batch: ${error.message}`;
    throw new CloudEventError(message, { status, cause: error, ...(attribute !== undefined && { attribute }) });
  }
}

/** @throws CloudEventError 413 */
export function checkBodySize(body: Buffer, { maxBytes }: CodecLimits): void {
  if (body.length <= maxBytes) return;
  throw new CloudEventError(`the body has ${body.length} bytes, more than ${maxBytes}`, { status: 413 });
}

function checkFormat(contentType = '', expected: string): void {
  if (essenceOf(contentType) === expected && isUtf8Charset(contentType)) return;
  throw new CloudEventError(`content type ${contentType.slice(0, 100)} is not supported: send ${expected} in UTF-8`, {
    status: 415,
  });
}

/**
 * An event in binary mode: attributes as headers, data as body.
 * @param payload the data's bytes where they are known already, instead of `event.data`
 * @param options `percentEncode` escapes header values to the letter of the HTTP binding. Without it only what would be misread is escaped,
 * because the Go, Java and JavaScript SDKs decode nothing.
 * @throws CloudEventError naming what cannot be sent
 */
export function encodeBinary(
  event: CloudEvent,
  payload?: Buffer,
  options: { percentEncode?: boolean } = {},
): { headers: Record<string, string>; body: Buffer | undefined } {
  const headers: Record<string, string> = {};
  for (const [name, value] of attributesOf(event)) {
    if (name === 'datacontenttype') continue;
    headers[`ce-${name}`] = encodeHeaderValue(name, String(value), options.percentEncode ?? false);
  }
  const body = payload ?? encodeData(event);
  const contentType = contentTypeOf(event);
  if (contentType !== undefined) headers['content-type'] = contentType;
  return { headers, body };
}

/**
 * An event in structured mode: everything in the body.
 * @throws CloudEventError naming what cannot be sent
 */
export function encodeStructured(event: CloudEvent): HttpMessage {
  return {
    headers: { 'content-type': `${STRUCTURED_CONTENT_TYPE}; charset=utf-8` },
    body: Buffer.from(encodeJsonEvent(event)),
  };
}

/**
 * Several events in one message.
 * @throws CloudEventError naming what cannot be sent
 */
export function encodeBatch(events: readonly CloudEvent[]): HttpMessage {
  return {
    headers: { 'content-type': `${BATCH_CONTENT_TYPE}; charset=utf-8` },
    body: Buffer.from(`[${events.map(encodeJsonEvent).join(',')}]`),
  };
}
