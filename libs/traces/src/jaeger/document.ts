import type { Json } from '@ebb/core';
import type { StoredSpan } from '../span.ts';

/** The documents that Jaeger's UI reads from /api. */

export interface Tag {
  readonly key: string;
  readonly type: 'string' | 'bool' | 'int64' | 'float64';
  readonly value: string | number | boolean;
}

export interface Reference {
  readonly refType: 'CHILD_OF' | 'FOLLOWS_FROM';
  readonly traceID: string;
  readonly spanID: string;
}

export interface SpanDocument {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly Reference[];
  /** Microseconds since the epoch. */
  readonly startTime: number;
  /** Microseconds. */
  readonly duration: number;
  readonly tags: readonly Tag[];
  readonly logs: readonly { readonly timestamp: number; readonly fields: readonly Tag[] }[];
  readonly processID: string;
  readonly warnings: null;
}

export interface TraceDocument {
  readonly traceID: string;
  readonly spans: readonly SpanDocument[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string; readonly tags: readonly Tag[] }>>;
  readonly warnings: null;
}

/** One trace; its spans share a `processes` entry when they come from the same process. */
export function traceDocument(traceId: string, spans: readonly StoredSpan[]): TraceDocument {
  const ids = new Map<string, string>();
  const processes: Record<string, TraceDocument['processes'][string]> = {};
  const documents = spans.map((span) => {
    const key = JSON.stringify([span.service, span.resource]);
    const processID = ids.get(key) ?? `p${ids.size + 1}`;
    ids.set(key, processID);
    processes[processID] ??= { serviceName: span.service, tags: processTags(span) };
    return spanDocument(span, processID);
  });
  return { traceID: traceId, spans: documents, processes, warnings: null };
}

function processTags({ resource }: StoredSpan): Tag[] {
  return tagsOf(resource).filter(({ key }) => key !== 'service.name');
}

function spanDocument(span: StoredSpan, processID: string): SpanDocument {
  return {
    traceID: span.traceId,
    spanID: span.spanId,
    operationName: span.name,
    references: referencesOf(span),
    startTime: microseconds(span.startNs),
    duration: Math.max(0, microseconds(span.endNs - span.startNs)),
    tags: [...tagsOf(span.attributes), ...derivedTags(span)],
    logs: span.events.map(({ name, timeNs, attributes }) => ({
      timestamp: microseconds(timeNs),
      fields: [...(name === '' ? [] : [tag('event', name)]), ...tagsOf(attributes)],
    })),
    processID,
    warnings: null,
  };
}

function referencesOf({ traceId, parentSpanId, links }: StoredSpan): Reference[] {
  const parent = parentSpanId === undefined ? [] : [reference('CHILD_OF', traceId, parentSpanId)];
  return [...parent, ...links.map((link) => reference('FOLLOWS_FROM', link.traceId, link.spanId))];
}

function reference(refType: Reference['refType'], traceID: string, spanID: string): Reference {
  return { refType, traceID, spanID };
}

/** What OpenTelemetry keeps beside the attributes, under the names that Jaeger gives it. */
function derivedTags({ kind, status, scope, traceState }: StoredSpan): Tag[] {
  const pairs: readonly [key: string, value: Json | undefined][] = [
    ['otel.scope.name', scope?.name],
    ['otel.scope.version', scope?.version],
    ['span.kind', kind],
    ['otel.status_code', status.code === 'unset' ? undefined : status.code.toUpperCase()],
    ['error', status.code === 'error' ? true : undefined],
    ['otel.status_description', status.message],
    ['w3c.tracestate', traceState],
  ];
  return pairs.flatMap(([key, value]) => (value === undefined ? [] : [tag(key, value)]));
}

function tagsOf(attributes: Readonly<Record<string, Json>>): Tag[] {
  return Object.entries(attributes).map(([key, value]) => tag(key, value));
}

function tag(key: string, value: Json): Tag {
  if (typeof value === 'string') return { key, type: 'string', value };
  if (typeof value === 'boolean') return { key, type: 'bool', value };
  if (typeof value === 'number') return { key, type: Number.isInteger(value) ? 'int64' : 'float64', value };
  return { key, type: 'string', value: JSON.stringify(value) };
}

function microseconds(timeNs: bigint): number {
  return Number(timeNs / 1_000n);
}
