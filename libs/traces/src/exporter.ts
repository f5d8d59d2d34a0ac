import { messageOf, silentLogger, type Json, type Logger } from '@ebb/core';
import type { Attributes, HrTime } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { tracesData } from './otlp/encode.ts';
import type { Forwarder } from './otlp/forwarder.ts';
import type { SpanKindName, SpanStatus, StoredSpan } from './span.ts';
import type { TraceStore } from './store/store.ts';

export interface StoreExporterOptions {
  /** A collector that gets these spans too. */
  readonly forwardTo?: Forwarder;
  readonly logger?: Logger;
}

/** Writes the spans of this very process to the store, without HTTP in between. A store that is away drops them. */
export function spanExporterOf(store: TraceStore, service: string, options: StoreExporterOptions = {}): SpanExporter {
  const { forwardTo, logger = silentLogger } = options;
  const underWay = new Set<Promise<void>>();
  let warned = false;

  const write = async (spans: readonly StoredSpan[]): Promise<ExportResultCode> => {
    try {
      await store.write(spans);
      warned = false;
      return ExportResultCode.SUCCESS;
    } catch (error) {
      if (!warned) logger.warn(`spans are dropped, the trace store is away: ${messageOf(error)}`);
      warned = true;
      return ExportResultCode.FAILED;
    }
  };
  const settle = async (): Promise<void> => {
    await Promise.all(underWay);
  };
  return {
    export(readable, done) {
      const spans = readable.map((span) => storedSpan(span, service));
      forwardTo?.forward('application/json', Buffer.from(JSON.stringify(tracesData(spans))));
      const writing = write(spans)
        .then((code) => done({ code }))
        .finally(() => underWay.delete(writing));
      underWay.add(writing);
    },
    forceFlush: settle,
    shutdown: settle,
  };
}

/** By their numbers in the OpenTelemetry API, which are not those of OTLP. */
const KINDS: readonly SpanKindName[] = ['internal', 'server', 'client', 'producer', 'consumer'];
const STATUS_CODES: readonly SpanStatus['code'][] = ['unset', 'ok', 'error'];

function storedSpan(span: ReadableSpan, service: string): StoredSpan {
  const { traceId, spanId, traceState } = span.spanContext();
  const parentSpanId = span.parentSpanContext?.spanId;
  const { name, version } = span.instrumentationScope;
  const { code, message } = span.status;
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    service,
    name: span.name,
    kind: KINDS[span.kind] ?? 'internal',
    startNs: nanoseconds(span.startTime),
    endNs: nanoseconds(span.endTime),
    status: { code: STATUS_CODES[code] ?? 'unset', ...(message !== undefined && { message }) },
    attributes: jsonOf(span.attributes),
    events: span.events.map((event) => ({
      name: event.name,
      timeNs: nanoseconds(event.time),
      attributes: jsonOf(event.attributes),
    })),
    links: span.links.map(({ context, attributes }) => ({
      traceId: context.traceId,
      spanId: context.spanId,
      attributes: jsonOf(attributes),
    })),
    resource: { ...jsonOf(span.resource.attributes), 'service.name': service },
    scope: { name, ...(version !== undefined && { version }) },
    ...(traceState && { traceState: traceState.serialize() }),
  };
}

function nanoseconds([seconds, nanos]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(nanos));
}

function jsonOf(attributes: Attributes | undefined): Record<string, Json> {
  const given = Object.entries(attributes ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, value as Json]));
}
