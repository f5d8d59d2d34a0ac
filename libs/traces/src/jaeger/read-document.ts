import type { Json } from '@ebb/core';
import { fieldsOf, integerOf, listOf, textOf, type Fields } from '../otlp/shape.ts';
import type { SpanKindName, SpanLink, SpanStatus, StoredSpan } from '../span.ts';

const NS_PER_US = 1_000n;
const KINDS: ReadonlySet<string> = new Set<SpanKindName>(['internal', 'server', 'client', 'producer', 'consumer']);
/** What Jaeger tells as tags although OpenTelemetry keeps it beside the attributes. */
const DERIVED: ReadonlySet<string> = new Set([
  'span.kind',
  'otel.status_code',
  'otel.status_description',
  'error',
  'otel.scope.name',
  'otel.scope.version',
  'w3c.tracestate',
]);

type Tags = Readonly<Record<string, Json>>;

/**
 * The spans of a document of Jaeger's older API, `{ data: [{ spans, processes }] }`.
 * @throws OtlpError naming the place that has the wrong shape
 */
export function spansOfDocument(document: unknown): readonly StoredSpan[] {
  return listOf(fieldsOf(document, 'the answer').data, '/data').flatMap((trace, t) => {
    const { spans, processes } = fieldsOf(trace, `/data/${t}`);
    const known = fieldsOf(processes, `/data/${t}/processes`);
    return listOf(spans, `/data/${t}/spans`).map((span, s) => spanOf(span, known, `/data/${t}/spans/${s}`));
  });
}

function spanOf(value: unknown, processes: Fields, path: string): StoredSpan {
  const fields = fieldsOf(value, path);
  const process = fieldsOf(processes[textOf(fields.processID, `${path}/processID`)], `${path}/processID`);
  const tags = tagsOf(fields.tags, `${path}/tags`);
  const service = textOf(process.serviceName, `${path}/processID`) || 'unknown_service';
  const startNs = integerOf(fields.startTime, `${path}/startTime`) * NS_PER_US;
  const traceId = idOf(fields.traceID, 32, `${path}/traceID`);
  return {
    traceId,
    spanId: idOf(fields.spanID, 16, `${path}/spanID`),
    ...referencesOf(fields.references, traceId, `${path}/references`),
    service,
    name: textOf(fields.operationName, `${path}/operationName`),
    kind: kindOf(tags),
    startNs,
    endNs: startNs + integerOf(fields.duration, `${path}/duration`) * NS_PER_US,
    status: statusOf(tags),
    attributes: Object.fromEntries(Object.entries(tags).filter(([key]) => !DERIVED.has(key))),
    events: listOf(fields.logs, `${path}/logs`).map((log, n) => eventOf(log, `${path}/logs/${n}`)),
    resource: { ...tagsOf(process.tags, `${path}/processID`), 'service.name': service },
    ...scopeOf(tags),
    ...(typeof tags['w3c.tracestate'] === 'string' && { traceState: tags['w3c.tracestate'] }),
  };
}

/** The first parent of the same trace is the parent; every other reference is a link. */
function referencesOf(value: unknown, traceId: string, path: string): Pick<StoredSpan, 'parentSpanId' | 'links'> {
  const references = listOf(value, path).map((reference, n) => {
    const { refType, traceID, spanID } = fieldsOf(reference, `${path}/${n}`);
    return {
      isParent: refType === 'CHILD_OF',
      traceId: idOf(traceID, 32, `${path}/${n}/traceID`),
      spanId: idOf(spanID, 16, `${path}/${n}/spanID`),
    };
  });
  const parent = references.find((reference) => reference.isParent && reference.traceId === traceId);
  const links = references
    .filter((reference) => reference !== parent)
    .map((reference): SpanLink => ({ traceId: reference.traceId, spanId: reference.spanId, attributes: {} }));
  return { ...(parent && { parentSpanId: parent.spanId }), links };
}

function eventOf(value: unknown, path: string): StoredSpan['events'][number] {
  const { timestamp, fields } = fieldsOf(value, path);
  const { event, ...attributes } = tagsOf(fields, `${path}/fields`);
  return {
    name: typeof event === 'string' ? event : '',
    timeNs: integerOf(timestamp, `${path}/timestamp`) * NS_PER_US,
    attributes,
  };
}

function tagsOf(value: unknown, path: string): Tags {
  return Object.fromEntries(
    listOf(value, path).map((tag, n) => {
      const { key, value: content } = fieldsOf(tag, `${path}/${n}`);
      return [textOf(key, `${path}/${n}/key`), (content ?? null) as Json];
    }),
  );
}

/** Jaeger leaves out leading zeros. */
function idOf(value: unknown, length: number, path: string): string {
  return textOf(value, path).toLowerCase().padStart(length, '0');
}

function kindOf(tags: Tags): SpanKindName {
  const kind = tags['span.kind'];
  return typeof kind === 'string' && KINDS.has(kind) ? (kind as SpanKindName) : 'internal';
}

function statusOf(tags: Tags): SpanStatus {
  const { 'otel.status_code': code, 'otel.status_description': message, error } = tags;
  const isError = code === 'ERROR' || error === true || error === 'true';
  return {
    code: isError ? 'error' : code === 'OK' ? 'ok' : 'unset',
    ...(typeof message === 'string' && { message }),
  };
}

function scopeOf({ 'otel.scope.name': name, 'otel.scope.version': version }: Tags): Pick<StoredSpan, 'scope'> {
  if (typeof name !== 'string') return {};
  return { scope: { name, ...(typeof version === 'string' && { version }) } };
}
