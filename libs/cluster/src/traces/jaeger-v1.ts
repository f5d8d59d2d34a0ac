import type { Json } from '@ebb/core';
import type { SpanKindName, StoredSpan } from '@ebb/traces';

/** The documents of Jaeger's first query API, as far as they are read here. */
export interface V1Answer {
  readonly data: readonly V1Trace[] | null;
}

interface V1Trace {
  readonly spans: readonly V1Span[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string; readonly tags?: readonly V1Tag[] }>>;
}

interface V1Span {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references?: readonly {
    readonly refType: string;
    readonly traceID: string;
    readonly spanID: string;
  }[];
  /** Microseconds. */
  readonly startTime: number;
  readonly duration: number;
  readonly tags?: readonly V1Tag[];
  readonly logs?: readonly { readonly timestamp: number; readonly fields: readonly V1Tag[] }[];
  readonly processID: string;
}

interface V1Tag {
  readonly key: string;
  readonly value: Json;
}

const KINDS: readonly SpanKindName[] = ['internal', 'server', 'client', 'producer', 'consumer'];
const TRACE_ID_LENGTH = 32;
const SPAN_ID_LENGTH = 16;
const MICROSECOND_NS = 1_000n;

/** The spans of an answer of `/api/traces`. */
export function spansOfV1({ data }: V1Answer): readonly StoredSpan[] {
  return (data ?? []).flatMap(({ spans, processes }) =>
    spans.map((span) => {
      const process = processes[span.processID];
      return spanOf(span, process?.serviceName ?? 'unknown_service', valuesOf(process?.tags));
    }),
  );
}

function spanOf(span: V1Span, service: string, resource: Readonly<Record<string, Json>>): StoredSpan {
  const tags = valuesOf(span.tags);
  const parent = span.references?.find(({ refType, traceID }) => refType === 'CHILD_OF' && traceID === span.traceID);
  const links = (span.references ?? []).filter((reference) => reference !== parent);
  const startNs = BigInt(Math.round(span.startTime)) * MICROSECOND_NS;
  const kind = tags['span.kind'];
  return {
    traceId: span.traceID.padStart(TRACE_ID_LENGTH, '0'),
    spanId: span.spanID.padStart(SPAN_ID_LENGTH, '0'),
    ...(parent && { parentSpanId: parent.spanID.padStart(SPAN_ID_LENGTH, '0') }),
    service,
    name: span.operationName,
    kind: KINDS.find((known) => known === kind) ?? 'internal',
    startNs,
    endNs: startNs + BigInt(Math.round(span.duration)) * MICROSECOND_NS,
    status: statusOf(tags),
    attributes: tags,
    events: (span.logs ?? []).map(({ timestamp, fields }) => {
      const { event, ...attributes } = valuesOf(fields);
      return {
        name: typeof event === 'string' ? event : '',
        timeNs: BigInt(Math.round(timestamp)) * MICROSECOND_NS,
        attributes,
      };
    }),
    links: links.map(({ traceID, spanID }) => ({
      traceId: traceID.padStart(TRACE_ID_LENGTH, '0'),
      spanId: spanID.padStart(SPAN_ID_LENGTH, '0'),
      attributes: {},
    })),
    resource: { 'service.name': service, ...resource },
  };
}

function statusOf(tags: Readonly<Record<string, Json>>): StoredSpan['status'] {
  const message = tags['otel.status_description'];
  const failed = tags.error === true || tags['otel.status_code'] === 'ERROR';
  return { code: failed ? 'error' : 'unset', ...(typeof message === 'string' && { message }) };
}

/** Entries, not assignment: a tag may be called __proto__. */
function valuesOf(tags: readonly V1Tag[] = []): Readonly<Record<string, Json>> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
