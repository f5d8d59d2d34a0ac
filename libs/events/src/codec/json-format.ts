import type { CloudEvent, DecodedEvent } from '../cloud-event.ts';
import { CloudEventError } from '../errors.ts';
import { attributesOf } from './attribute-values.ts';
import {
  checkCount,
  checkedValue,
  checkName,
  checkRequired,
  DATA_MEMBERS,
  invalid,
  TEXT_EXTENSIONS,
  type EventDraft,
} from './attributes.ts';
import { bufferOf, decodeData, encodeData, isJsonData, notUtf8Charset, stringifyData } from './data.ts';
import { membersOf, type MemberSpan } from './json-text.ts';
import type { CodecLimits } from './limits.ts';
import { dataKindOf, isUtf8Charset } from './media-type.ts';

/** Whole groups of four from the alphabet; what Buffer accepts silently beyond it would be lost. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

type Fields = Readonly<Record<string, unknown>>;

/**
 * An event in the JSON format, for structured and batched messages.
 * @param value what JSON.parse made of the event
 * @param text the text that `value` comes from; its event starts at `from`
 * @throws CloudEventError
 */
export function decodeJsonEvent(value: unknown, text: string, from: number, limits: CodecLimits): DecodedEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CloudEventError('the event must be a JSON object');
  }
  const fields = value as Fields;
  const members = membersOf(text, from);
  const draft: EventDraft = {};
  const seen = new Set<string>();
  for (const { name } of members) {
    if (seen.has(name)) throw invalid(name, 'is given more than once');
    seen.add(name);
    // An attribute that is null is one that is not set (JSON format, 2).
    if (DATA_MEMBERS.has(name) || fields[name] === null) continue;
    const value = checkedValue(name, fields[name], limits);
    draft[name] = TEXT_EXTENSIONS.has(name) ? String(value) : value;
  }
  checkCount(seen.size, limits);
  checkRequired(draft);
  const payload = readData(draft, fields, members, text, limits);
  return { event: draft as CloudEvent, payload };
}

function readData(
  draft: EventDraft,
  fields: Fields,
  members: readonly MemberSpan[],
  text: string,
  limits: CodecLimits,
): Buffer | undefined {
  const inline = members.find(({ name }) => name === 'data');
  const base64 = fields.data_base64 ?? undefined;
  const contentType = draft.datacontenttype;
  if (base64 === undefined) {
    if (inline === undefined) return undefined;
    return readInline(draft, fields.data, text.slice(inline.start, inline.end), contentType);
  }
  if (inline !== undefined) throw invalid('data', 'and data_base64 must not be given together');
  if (typeof base64 !== 'string' || base64.length % 4 !== 0 || !BASE64.test(base64)) {
    throw invalid('data_base64', 'must be a Base64 string');
  }
  const payload = Buffer.from(base64, 'base64');
  draft.data = decodeData(payload, contentType, limits.maxJsonDepth);
  return payload;
}

/** Data as a JSON value; `source` is its text, which keeps the digits of numbers that JavaScript would round. */
function readInline(draft: EventDraft, data: unknown, source: string, contentType: string | undefined): Buffer {
  if (contentType !== undefined && !isUtf8Charset(contentType)) throw notUtf8Charset(contentType);
  if (contentType === undefined || dataKindOf(contentType) === 'json') {
    draft.data = data;
    return Buffer.from(source);
  }
  if (typeof data !== 'string') throw invalid('data', `must be a string, because datacontenttype is ${contentType}`);
  const payload = Buffer.from(data);
  draft.data = dataKindOf(contentType) === 'text' ? data : payload;
  return payload;
}

/**
 * The JSON format's text of an event.
 * @throws CloudEventError when a value has no form in JSON
 */
export function encodeJsonEvent(event: CloudEvent): string {
  if (!isPlain(event)) return encodeMembers(event);
  try {
    return JSON.stringify(event);
  } catch {
    // The long way says what is wrong.
    return encodeMembers(event);
  }
}

/** Whether `JSON.stringify` writes what {@link encodeMembers} would, at half the price: text, and data that is an object of JSON. */
function isPlain(event: CloudEvent): boolean {
  const { data, datacontenttype } = event;
  if (typeof data !== 'object' || data === null || 'toJSON' in data) return false;
  for (const name of Object.keys(event)) {
    if (name === 'data') continue;
    if (typeof event[name] !== 'string' || DATA_MEMBERS.has(name)) return false;
    checkName(name);
  }
  return isJsonData(data, datacontenttype);
}

function encodeMembers(event: CloudEvent): string {
  let members = '';
  // Names are letters and digits: they need no escapes.
  for (const [name, value] of attributesOf(event)) {
    members += `${members === '' ? '' : ','}"${name}":${JSON.stringify(value)}`;
  }
  const data = dataMember(event);
  return data === undefined ? `{${members}}` : `{${members},${data}}`;
}

function dataMember(event: CloudEvent): string | undefined {
  const { data, datacontenttype } = event;
  if (data !== undefined && isJsonData(data, datacontenttype)) return `"data":${stringifyData(data)}`;
  const payload = encodeData(event);
  if (payload === undefined) return undefined;
  if (typeof data === 'string') return `"data":${JSON.stringify(data)}`;
  return `"data_base64":"${bufferOf(payload).toString('base64')}"`;
}
