import { createHash } from 'node:crypto';
import type { DecodedEvent } from '../cloud-event.ts';
import { isJsonData, stringifyData } from './data.ts';

/**
 * The SHA-256, in hex, of an event's data. Two deliveries of one event hash alike, whatever their content mode: JSON is brought into one form
 * first (order of members, white space), everything else is hashed as its bytes.
 */
export function payloadSha({ event, payload }: DecodedEvent): string {
  const { data, datacontenttype } = event;
  const hash = createHash('sha256');
  if (data !== undefined && isJsonData(data, datacontenttype)) hash.update(canonicalJson(data));
  else if (payload !== undefined) hash.update(payload);
  else if (typeof data === 'string' || data instanceof Uint8Array) hash.update(data);
  return hash.digest('hex');
}

function canonicalJson(value: unknown): string {
  if (value === undefined) return 'null';
  if (typeof value !== 'object' || value === null) return stringifyData(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const fields = value as Readonly<Record<string, unknown>>;
  const members = Object.keys(fields)
    .filter((name) => fields[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(fields[name])}`);
  return `{${members.join(',')}}`;
}
