import { isUtf8 } from 'node:buffer';
import { EbbError, parseJson } from '@ebb/core';
import type { CloudEvent } from '../cloud-event.ts';
import { CloudEventError } from '../errors.ts';
import { invalid } from './attributes.ts';
import { dataKindOf, isUtf8Charset } from './media-type.ts';

/**
 * The value of an event's data, by its media type.
 * @throws CloudEventError with attribute `data` when the bytes do not fit the media type
 */
export function decodeData(payload: Buffer, contentType: string | undefined, maxDepth: number): unknown {
  switch (dataKindOf(contentType)) {
    case 'json':
      if (contentType !== undefined && !isUtf8Charset(contentType)) throw notUtf8Charset(contentType);
      return parseEventJson(utf8(payload), maxDepth, 'data');
    case 'text':
      return utf8(payload);
    case 'bytes':
      return payload;
  }
}

/**
 * JSON of a message, with the parser's complaint as a CloudEventError.
 * @throws CloudEventError
 */
export function parseEventJson(text: string, maxDepth: number, attribute?: string): unknown {
  try {
    return parseJson(text, { maxDepth });
  } catch (error) {
    if (!(error instanceof EbbError)) throw error;
    const subject = attribute ?? 'the body';
    const options = attribute === undefined ? { cause: error } : { attribute, cause: error };
    throw new CloudEventError(`${subject} is refused: ${error.message}`, options);
  }
}

/**
 * The bytes of an event's data, undefined when it has none.
 * @throws CloudEventError with attribute `data` when the value does not fit its media type
 */
export function encodeData({ data, data_base64: base64, datacontenttype }: CloudEvent): Buffer | undefined {
  if (data === undefined) return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined;
  if (data instanceof Uint8Array) return bufferOf(data);
  if (isJsonData(data, datacontenttype)) return Buffer.from(stringifyData(data));
  if (typeof data === 'string') return Buffer.from(data);
  throw invalid('data', `of type ${datacontenttype} must be a string or bytes`);
}

/** Without a media type, data that is no bytes is JSON (JSON format, 3.1.1). */
export function isJsonData(data: unknown, contentType: string | undefined): boolean {
  if (data instanceof Uint8Array) return false;
  return contentType === undefined || dataKindOf(contentType) === 'json';
}

/** @throws CloudEventError with attribute `data` when JSON cannot carry the value */
export function stringifyData(data: unknown): string {
  try {
    const text = JSON.stringify(data) as string | undefined;
    if (text !== undefined) return text;
  } catch (error) {
    throw new CloudEventError('data cannot be written as JSON', { attribute: 'data', cause: error });
  }
  throw invalid('data', 'cannot be written as JSON');
}

/** @throws CloudEventError when the bytes are not UTF-8; `attribute` is absent for a whole body */
export function utf8(bytes: Buffer, attribute: string | undefined = 'data'): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw invalid(attribute, 'is not valid UTF-8');
}

export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** 415, because bytes in another encoding cannot be told from broken ones. */
export function notUtf8Charset(contentType: string): CloudEventError {
  return new CloudEventError(`datacontenttype ${contentType} is refused: JSON is UTF-8`, {
    status: 415,
    attribute: 'datacontenttype',
  });
}
