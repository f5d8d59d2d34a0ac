import { messageOf, parseJson } from '@ebb/core';
import { OtlpError } from '../errors.ts';
import type { StoredSpan } from '../span.ts';
import { EXPORT_REQUEST } from './messages.ts';
import { spansOf, type DecodedSpans } from './spans.ts';
import { readMessage } from './wire.ts';

export type OtlpEncoding = 'protobuf' | 'json';

/** The encoding that a content type stands for, or undefined when it is none of OTLP's. */
export function encodingOf(contentType: string | undefined): OtlpEncoding | undefined {
  const [type = ''] = (contentType ?? '').split(';');
  const name = type.trim().toLowerCase();
  if (name === 'application/x-protobuf') return 'protobuf';
  return name === 'application/json' ? 'json' : undefined;
}

/**
 * The spans of an export request's body.
 * @throws OtlpError 415 for another content type, 400 for a body that is no such request
 */
export function decodeOtlp(contentType: string, body: Buffer): readonly StoredSpan[] {
  const encoding = encodingOf(contentType);
  if (!encoding) throw unsupported(contentType);
  return decodeRequest(encoding, body).spans;
}

/** As {@link decodeOtlp}, with the count of the spans that were rejected. */
export function decodeRequest(encoding: OtlpEncoding, body: Buffer): DecodedSpans {
  return spansOf(encoding === 'protobuf' ? readMessage(body, EXPORT_REQUEST) : jsonOf(body));
}

export function unsupported(contentType: string | undefined): OtlpError {
  const given = contentType === undefined ? 'no content type' : `"${contentType}"`;
  return new OtlpError(415, `${given} is not OTLP: use application/x-protobuf or application/json`);
}

/** An attribute's value takes up to four levels of JSON per level of its own. */
const MAX_JSON_DEPTH = 160;

function jsonOf(body: Buffer): unknown {
  try {
    return parseJson(body.toString('utf8'), { maxDepth: MAX_JSON_DEPTH });
  } catch (error) {
    throw new OtlpError(400, messageOf(error), { cause: error });
  }
}
