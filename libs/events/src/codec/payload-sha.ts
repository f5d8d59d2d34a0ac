import { hash } from 'node:crypto';
import type { DecodedEvent } from '../cloud-event.ts';
import { isJsonData, stringifyData } from './data.ts';

/**
 * The SHA-256, in hex, of an event's data. Two deliveries of one event hash alike, whatever their content mode: JSON is brought into one form
 * first (order of members, white space), everything else is hashed as its bytes.
 */
export function payloadSha({ event, payload }: DecodedEvent): string {
  const { data, datacontenttype } = event;
  if (data !== undefined && isJsonData(data, datacontenttype)) return hash('sha256', canonicalJson(data));
  if (payload !== undefined) return hash('sha256', payload);
  return hash('sha256', typeof data === 'string' || data instanceof Uint8Array ? data : '');
}

function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return 'null';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalList(value) : canonicalObject(value as Fields);
    default:
      return stringifyData(value);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function canonicalList(values: readonly unknown[]): string {
  let elements = '';
  for (const value of values) elements += elements === '' ? canonicalJson(value) : `,${canonicalJson(value)}`;
  return `[${elements}]`;
}

function canonicalObject(fields: Fields): string {
  let members = '';
  for (const name of sortedNames(fields)) {
    const value = fields[name];
    if (value === undefined) continue;
    members += `${members === '' ? '' : ','}${quoted(name)}:${canonicalJson(value)}`;
  }
  return `{${members}}`;
}

const MANY_NAMES = 16;

/** By their UTF-16 units. Few names, as most objects have, are put in their places sooner than `sort` has begun. */
function sortedNames(fields: Fields): readonly string[] {
  const names = Object.keys(fields);
  if (names.length > MANY_NAMES) return names.sort();
  for (let from = 1; from < names.length; from += 1) {
    const name = names[from] ?? '';
    let to = from;
    for (; to > 0 && (names[to - 1] ?? '') > name; to -= 1) names[to] = names[to - 1] ?? '';
    names[to] = name;
  }
  return names;
}

/** Printable ASCII but the quote and the backslash: JSON has it as it is. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));
