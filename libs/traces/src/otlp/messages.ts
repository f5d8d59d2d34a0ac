import type { Field, Message } from './wire.ts';

/*
 * The messages of OTLP for traces, by the field numbers of opentelemetry.proto.{collector.trace,trace,resource,common}.v1.
 * Names are those of the JSON mapping. Left out is what is not kept: dropped counts, schema URLs, flags, entity references.
 */

const ANY_VALUE: Message = message({
  1: { name: 'stringValue', kind: 'text' },
  2: { name: 'boolValue', kind: 'bool' },
  3: { name: 'intValue', kind: 'int' },
  4: { name: 'doubleValue', kind: 'double' },
  5: { name: 'arrayValue', kind: () => ARRAY_VALUE },
  6: { name: 'kvlistValue', kind: () => KEY_VALUE_LIST },
  7: { name: 'bytesValue', kind: 'bytes' },
});

const KEY_VALUE = message({ 1: { name: 'key', kind: 'text' }, 2: { name: 'value', kind: () => ANY_VALUE } });

const ARRAY_VALUE = message({ 1: { name: 'values', kind: () => ANY_VALUE, repeated: true } });

const KEY_VALUE_LIST = message({ 1: { name: 'values', kind: () => KEY_VALUE, repeated: true } });

const RESOURCE = message({ 1: { name: 'attributes', kind: () => KEY_VALUE, repeated: true } });

const SCOPE = message({ 1: { name: 'name', kind: 'text' }, 2: { name: 'version', kind: 'text' } });

const STATUS = message({ 2: { name: 'message', kind: 'text' }, 3: { name: 'code', kind: 'int' } });

const EVENT = message({
  1: { name: 'timeUnixNano', kind: 'fixed64' },
  2: { name: 'name', kind: 'text' },
  3: { name: 'attributes', kind: () => KEY_VALUE, repeated: true },
});

const LINK = message({
  1: { name: 'traceId', kind: 'id' },
  2: { name: 'spanId', kind: 'id' },
  4: { name: 'attributes', kind: () => KEY_VALUE, repeated: true },
});

const SPAN = message({
  1: { name: 'traceId', kind: 'id' },
  2: { name: 'spanId', kind: 'id' },
  3: { name: 'traceState', kind: 'text' },
  4: { name: 'parentSpanId', kind: 'id' },
  5: { name: 'name', kind: 'text' },
  6: { name: 'kind', kind: 'int' },
  7: { name: 'startTimeUnixNano', kind: 'fixed64' },
  8: { name: 'endTimeUnixNano', kind: 'fixed64' },
  9: { name: 'attributes', kind: () => KEY_VALUE, repeated: true },
  11: { name: 'events', kind: () => EVENT, repeated: true },
  13: { name: 'links', kind: () => LINK, repeated: true },
  15: { name: 'status', kind: () => STATUS },
});

const SCOPE_SPANS = message({
  1: { name: 'scope', kind: () => SCOPE },
  2: { name: 'spans', kind: () => SPAN, repeated: true },
});

const RESOURCE_SPANS = message({
  1: { name: 'resource', kind: () => RESOURCE },
  2: { name: 'scopeSpans', kind: () => SCOPE_SPANS, repeated: true },
});

/** What an exporter posts. */
export const EXPORT_REQUEST = message({ 1: { name: 'resourceSpans', kind: () => RESOURCE_SPANS, repeated: true } });

function message(fields: Record<number, Field>): Message {
  return new Map(Object.entries(fields).map(([number, field]) => [Number(number), field]));
}
