import type { Json } from '@ebb/core';
import type { StoredSpan } from '../span.ts';
import { KINDS, STATUS_CODES } from './spans.ts';

/** A document in OTLP's JSON mapping. */
type Document = Readonly<Record<string, unknown>>;

/** Spans as OTLP's `TracesData` in JSON: grouped by the process and the scope that made them. */
export function tracesData(spans: readonly StoredSpan[]): Document {
  const byResource = groupBy(spans, ({ resource }) => JSON.stringify(resource));
  return {
    resourceSpans: byResource.map((ofResource) => ({
      resource: { attributes: keyValues(ofResource[0]?.resource ?? {}) },
      scopeSpans: groupBy(ofResource, ({ scope }) => JSON.stringify(scope)).map((ofScope) => ({
        scope: { ...ofScope[0]?.scope },
        spans: ofScope.map(spanDocument),
      })),
    })),
  };
}

function spanDocument(span: StoredSpan): Document {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.traceState !== undefined && { traceState: span.traceState }),
    ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: KINDS.lastIndexOf(span.kind),
    startTimeUnixNano: span.startNs.toString(),
    endTimeUnixNano: span.endNs.toString(),
    attributes: keyValues(span.attributes),
    events: span.events.map(({ name, timeNs, attributes }) => ({
      timeUnixNano: timeNs.toString(),
      name,
      attributes: keyValues(attributes),
    })),
    links: span.links.map(({ traceId, spanId, attributes }) => ({
      traceId,
      spanId,
      attributes: keyValues(attributes),
    })),
    status: {
      ...(span.status.message !== undefined && { message: span.status.message }),
      code: STATUS_CODES.indexOf(span.status.code),
    },
  };
}

function keyValues(attributes: Readonly<Record<string, Json>>): Document[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: Json): Document {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: value.toString() } : { doubleValue: value };
  }
  if (value === null) return {};
  if (isList(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value) } };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string | undefined): readonly (readonly T[])[] {
  const groups = new Map<string | undefined, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}
