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
  if (value === undefined) return 'null';
  if (typeof value !== 'object' || value === null) return stringifyData(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const fields = value as Readonly<Record<string, unknown>>;
  let members = '';
  for (const name of Object.keys(fields).sort()) {
    if (fields[name] === undefined) continue;
    members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(fields[name])}`;
  }
  return `{${members}}`;
}
