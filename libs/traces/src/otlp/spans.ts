import type { SpanEvent, SpanKindName, SpanLink, SpanStatus, StoredSpan } from '../span.ts';
import { attributesOf, type Attributes } from './attributes.ts';
import { fieldsOf, integerOf, listOf, textOf, type Fields } from './shape.ts';

export interface DecodedSpans {
  readonly spans: readonly StoredSpan[];
  /** Spans that no store can hold: without valid ids or times. The others of the request are taken. */
  readonly rejected: number;
  /** Why the first of them was rejected. */
  readonly reason?: string;
}

interface Origin {
  readonly service: string;
  readonly resource: Attributes;
  readonly scope?: { readonly name: string; readonly version?: string };
}

/** OTLP's default for a process that does not say its name. */
const UNKNOWN_SERVICE = 'unknown_service';

/**
 * The spans of an export request in OTLP's JSON form.
 * @throws OtlpError 400 naming the place that has the wrong shape
 */
export function spansOf(request: unknown): DecodedSpans {
  const spans: StoredSpan[] = [];
  const reasons: string[] = [];
  for (const { fields, path, origin } of spanFields(request)) {
    const reason = flawOf(fields, path);
    if (reason === undefined) spans.push(spanOf(fields, path, origin));
    else reasons.push(reason);
  }
  return { spans, rejected: reasons.length, ...(reasons[0] !== undefined && { reason: reasons[0] }) };
}

function* spanFields(request: unknown): Generator<{ fields: Fields; path: string; origin: Origin }> {
  for (const [r, resourceSpans] of listOf(fieldsOf(request, 'the request').resourceSpans, '/resourceSpans').entries()) {
    const resourcePath = `/resourceSpans/${r}`;
    const { resource: about, scopeSpans } = fieldsOf(resourceSpans, resourcePath);
    const resource = attributesOf(
      fieldsOf(about, `${resourcePath}/resource`).attributes,
      `${resourcePath}/resource/attributes`,
    );
    const name = resource['service.name'];
    const service = typeof name === 'string' && name !== '' ? name : UNKNOWN_SERVICE;
    for (const [s, scopeSpan] of listOf(scopeSpans, `${resourcePath}/scopeSpans`).entries()) {
      const scopePath = `${resourcePath}/scopeSpans/${s}`;
      const { scope, spans } = fieldsOf(scopeSpan, scopePath);
      const origin = { service, resource, ...scopeOf(scope, `${scopePath}/scope`) };
      for (const [n, span] of listOf(spans, `${scopePath}/spans`).entries()) {
        const path = `${scopePath}/spans/${n}`;
        yield { fields: fieldsOf(span, path), path, origin };
      }
    }
  }
}

function scopeOf(value: unknown, path: string): Pick<Origin, 'scope'> {
  const fields = fieldsOf(value, path);
  const name = textOf(fields.name, `${path}/name`);
  const version = textOf(fields.version, `${path}/version`);
  return name === '' ? {} : { scope: { name, ...(version !== '' && { version }) } };
}

const TRACE_ID = /^(?!0+$)[\da-f]{32}$/i;
const SPAN_ID = /^(?!0+$)[\da-f]{16}$/i;
/** What a database's 64-bit integer holds: until the year 2262. */
const MAX_TIME_NS = 2n ** 63n - 1n;

function flawOf(fields: Fields, path: string): string | undefined {
  if (!TRACE_ID.test(textOf(fields.traceId, `${path}/traceId`))) return `${path}/traceId is no trace id`;
  if (!SPAN_ID.test(textOf(fields.spanId, `${path}/spanId`))) return `${path}/spanId is no span id`;
  const parent = textOf(fields.parentSpanId, `${path}/parentSpanId`);
  if (!/^0*$/.test(parent) && !SPAN_ID.test(parent)) return `${path}/parentSpanId is no span id`;
  for (const name of ['startTimeUnixNano', 'endTimeUnixNano']) {
    const time = integerOf(fields[name], `${path}/${name}`);
    if (time < 0n || time > MAX_TIME_NS) return `${path}/${name} is out of range`;
  }
  return undefined;
}

function spanOf(fields: Fields, path: string, { service, resource, scope }: Origin): StoredSpan {
  const parentSpanId = textOf(fields.parentSpanId, path).toLowerCase();
  const traceState = textOf(fields.traceState, `${path}/traceState`);
  return {
    traceId: textOf(fields.traceId, path).toLowerCase(),
    spanId: textOf(fields.spanId, path).toLowerCase(),
    ...(!/^0*$/.test(parentSpanId) && { parentSpanId }),
    service,
    name: textOf(fields.name, `${path}/name`),
    kind: kindOf(integerOf(fields.kind, `${path}/kind`)),
    startNs: integerOf(fields.startTimeUnixNano, path),
    endNs: integerOf(fields.endTimeUnixNano, path),
    status: statusOf(fields.status, `${path}/status`),
    attributes: attributesOf(fields.attributes, `${path}/attributes`),
    events: listOf(fields.events, `${path}/events`).map((event, n) => eventOf(event, `${path}/events/${n}`)),
    links: listOf(fields.links, `${path}/links`).map((link, n) => linkOf(link, `${path}/links/${n}`)),
    resource,
    ...(scope && { scope }),
    ...(traceState !== '' && { traceState }),
  };
}

/** By their numbers in OTLP; 0 is unspecified, which OTLP says to take for internal. */
export const KINDS: readonly SpanKindName[] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'];

export const STATUS_CODES: readonly SpanStatus['code'][] = ['unset', 'ok', 'error'];

function kindOf(value: bigint): SpanKindName {
  return KINDS[Number(value)] ?? 'internal';
}

function statusOf(value: unknown, path: string): SpanStatus {
  const fields = fieldsOf(value, path);
  const message = textOf(fields.message, `${path}/message`);
  const code = STATUS_CODES[Number(integerOf(fields.code, `${path}/code`))] ?? 'unset';
  return { code, ...(message !== '' && { message }) };
}

function eventOf(value: unknown, path: string): SpanEvent {
  const { timeUnixNano, name, attributes } = fieldsOf(value, path);
  return {
    name: textOf(name, `${path}/name`),
    timeNs: integerOf(timeUnixNano, `${path}/timeUnixNano`),
    attributes: attributesOf(attributes, `${path}/attributes`),
  };
}

function linkOf(value: unknown, path: string): SpanLink {
  const { traceId, spanId, attributes } = fieldsOf(value, path);
  return {
    traceId: textOf(traceId, `${path}/traceId`).toLowerCase(),
    spanId: textOf(spanId, `${path}/spanId`).toLowerCase(),
    attributes: attributesOf(attributes, `${path}/attributes`),
  };
}
