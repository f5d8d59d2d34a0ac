import type { CloudEvent } from '../cloud-event.ts';
import { checkName, DATA_MEMBERS, invalid } from './attributes.ts';

export type AttributeValue = string | number | boolean;

/**
 * The attributes of an event that is to be sent, without those that are not set.
 * @throws CloudEventError naming an attribute that no format can carry
 */
export function attributesOf(event: CloudEvent): [name: string, value: AttributeValue][] {
  const attributes: [string, AttributeValue][] = [];
  for (const name of Object.keys(event)) {
    const value = event[name];
    if (value === undefined || value === null || DATA_MEMBERS.has(name)) continue;
    checkName(name);
    attributes.push([name, canonicalValue(name, value)]);
  }
  return attributes;
}

/** Dates and bytes are legal in the type of the `cloudevents` package; the formats know their text only. */
function canonicalValue(name: string, value: unknown): AttributeValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  throw invalid(name, 'is neither text nor number nor boolean');
}
