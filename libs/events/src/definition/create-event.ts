import { newId } from '@ebb/core';
import type { CloudEvent } from '../cloud-event.ts';
import { checkedValue, DATA_MEMBERS, invalid } from '../codec/attributes.ts';
import { DEFAULT_LIMITS } from '../codec/limits.ts';
import { JSON_CONTENT_TYPE } from '../codec/media-type.ts';
import { keyOf } from './define-event.ts';
import type { DataOf, EventDefinition } from './event-definition.ts';

export interface NewEventOptions {
  /** Who says so: a URI reference such as `/svc/orders`. */
  readonly source: string;
  /** A UUID of version 7 when absent. */
  readonly id?: string;
  /** RFC 3339; now when absent. */
  readonly time?: string;
  readonly extensions?: Readonly<Record<string, string>>;
}

const TO_CHECK = ['id', 'source', 'time', 'subject'] as const;

/**
 * An event of a definition: data checked, subject and partition key from the definition's key.
 * @throws SchemaViolationError when the data does not fit; CloudEventError when an attribute does not; EbbError EBB_DEFINITION when the key is empty
 */
export function createEvent<Definition extends EventDefinition>(
  definition: Definition,
  data: DataOf<Definition>,
  { source, id = newId(), time = new Date().toISOString(), extensions = {} }: NewEventOptions,
): CloudEvent<DataOf<Definition>> {
  const checked = definition.parse(data) as DataOf<Definition>;
  const key = keyOf(definition, checked);
  const attributes = {
    specversion: '1.0',
    id,
    source,
    type: definition.type,
    subject: key,
    time,
    datacontenttype: JSON_CONTENT_TYPE,
    partitionkey: key,
  };
  // Type and media type are known to be well formed, and the partition key is what the subject is.
  for (const name of TO_CHECK) checkedValue(name, attributes[name], DEFAULT_LIMITS);
  const event: Record<string, unknown> = attributes;
  for (const name of Object.keys(extensions)) {
    if (Object.hasOwn(event, name) || DATA_MEMBERS.has(name)) throw invalid(name, 'is no extension');
    event[name] = checkedValue(name, extensions[name], DEFAULT_LIMITS);
  }
  event.data = checked;
  return event as CloudEvent<DataOf<Definition>>;
}
