import { CloudEventError } from '../errors.ts';
import type { CodecLimits } from './limits.ts';
import { isMediaType } from './media-type.ts';
import { isCloudEventsString } from './text.ts';
import { isTimestamp } from './timestamp.ts';
import { isUri, isUriReference } from './uri.ts';

/** In the order in which their absence is reported. */
export const REQUIRED_ATTRIBUTES = ['specversion', 'id', 'source', 'type'] as const;

export type RequiredAttribute = (typeof REQUIRED_ATTRIBUTES)[number];

/** Attributes of the specification whose type is text; any other attribute is an extension. */
const CONTEXT_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...REQUIRED_ATTRIBUTES,
  'datacontenttype',
  'dataschema',
  'subject',
  'time',
]);

/** Extensions of which a CloudEvent promises that they are text; a number becomes what binary mode would have sent. */
export const TEXT_EXTENSIONS: ReadonlySet<string> = new Set([
  'partitionkey',
  'correlationid',
  'causationid',
  'traceparent',
  'tracestate',
]);

/** Names that the formats use for the event's data. */
export const DATA_MEMBERS: ReadonlySet<string> = new Set(['data', 'data_base64']);

/** Those of the specification and of a CloudEvent. */
const KNOWN: ReadonlySet<string> = new Set([...CONTEXT_ATTRIBUTES, ...TEXT_EXTENSIONS]);

const NAME = /^[a-z0-9]+$/;
const MIN_INT32 = -2_147_483_648;
const MAX_INT32 = 2_147_483_647;
const MAX_SHOWN = 100;

/** An event that is being put together. Names are checked before they are written, so that none can reach a prototype. */
export interface EventDraft {
  datacontenttype?: string;
  data?: unknown;
  [attribute: string]: unknown;
}

/** @throws CloudEventError unless the name has lower-case letters and digits only, and does not stand for the data */
export function checkName(name: string): void {
  // On the way of every attribute, where looking a name up costs a third of looking at it.
  if (KNOWN.has(name) || (NAME.test(name) && name !== 'data')) return;
  const shown = name.slice(0, MAX_SHOWN);
  const reason = name === 'data' ? 'is the name of the data' : 'must consist of lower-case letters and digits';
  throw new CloudEventError(`the attribute name "${shown}" ${reason}`, { attribute: shown });
}

/**
 * Checks the text of an attribute by the attribute's type.
 * @throws CloudEventError naming the attribute
 */
export function checkText(name: string, value: string, limits: CodecLimits): void {
  checkSize(name, value, limits);
  if (!isCloudEventsString(value)) {
    throw invalid(name, 'has a control character or another one that CloudEvents forbid');
  }
  switch (name) {
    case 'specversion':
      if (value !== '1.0') throw invalid(name, `must be 1.0, but is "${value.slice(0, MAX_SHOWN)}"`);
      return;
    case 'id':
    case 'type':
    case 'subject':
    case 'partitionkey':
      if (value === '') throw invalid(name, 'must not be empty');
      return;
    case 'source':
      if (!isUriReference(value)) throw invalid(name, `must be a URI reference${butIs(value)}`);
      return;
    case 'dataschema':
      if (!isUri(value)) throw invalid(name, `must be an absolute URI${butIs(value)}`);
      return;
    case 'time':
      if (!isTimestamp(value)) throw invalid(name, `must be a date and time of RFC 3339${butIs(value)}`);
      return;
    case 'datacontenttype':
      if (!isMediaType(value)) throw invalid(name, `must be a media type${butIs(value)}`);
  }
}

/**
 * The value, checked, of an attribute that has a type already, as in JSON.
 * @throws CloudEventError naming the attribute
 */
export function checkedValue(name: string, value: unknown, limits: CodecLimits): string | boolean | number {
  checkName(name);
  if (typeof value === 'string') {
    checkText(name, value, limits);
    return value;
  }
  if (CONTEXT_ATTRIBUTES.has(name)) throw invalid(name, 'must be a string');
  checkSize(name, '', limits);
  if (typeof value === 'boolean' || isInt32(value)) return value;
  throw invalid(name, 'must be a string, a boolean or an integer of 32 bits');
}

/** @throws CloudEventError naming the first of the required attributes that is absent */
export function checkRequired(event: EventDraft): void {
  for (const name of REQUIRED_ATTRIBUTES) {
    if (event[name] === undefined) throw missing(name);
  }
}

export function missing(name: RequiredAttribute): CloudEventError {
  return invalid(name, 'is missing');
}

/** @throws CloudEventError when there are more attributes than allowed */
export function checkCount(count: number, limits: CodecLimits): void {
  if (count > limits.maxAttributes) {
    throw new CloudEventError(`the event has more than ${limits.maxAttributes} attributes`);
  }
}

export function invalid(attribute: string, reason: string): CloudEventError {
  const shown = attribute.slice(0, MAX_SHOWN);
  return new CloudEventError(`${shown} ${reason}`, { attribute: shown });
}

function checkSize(name: string, value: string, { maxAttributeBytes }: CodecLimits): void {
  // A UTF-16 unit takes three bytes of UTF-8 at most: the exact count is needed for long values only.
  if (name.length + value.length * 3 <= maxAttributeBytes) return;
  if (name.length + Buffer.byteLength(value) > maxAttributeBytes) {
    throw invalid(name, `is longer than ${maxAttributeBytes} bytes`);
  }
}

function isInt32(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= MIN_INT32 && value <= MAX_INT32;
}

function butIs(value: string): string {
  return value === '' ? ', but is empty' : `, but is "${value.slice(0, MAX_SHOWN)}"`;
}
