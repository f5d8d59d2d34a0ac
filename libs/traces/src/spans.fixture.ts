import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import type { StoredSpan } from './span.ts';

/** Hex that is different for each number. */
export const traceIdOf = (n: number): string => `a${n.toString(16).padStart(31, '0')}`;
export const spanIdOf = (n: number): string => `b${n.toString(16).padStart(15, '0')}`;

/** A span that holds what a test does not care about. */
export function spanWith(fields: Partial<StoredSpan> = {}): StoredSpan {
  const startNs = fields.startNs ?? BigInt(Date.now()) * 1_000_000n;
  return {
    traceId: traceIdOf(1),
    spanId: spanIdOf(1),
    service: 'orders',
    name: 'POST /orders',
    kind: 'server',
    startNs,
    endNs: startNs + 5_000_000n,
    status: { code: 'unset' },
    attributes: {},
    events: [],
    links: [],
    resource: { 'service.name': 'orders' },
    ...fields,
  };
}

/** Spans as the real SDK makes them: a parent, and a failed child with an event, a link and attributes of every type. */
export function sdkSpans(): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'inventory', 'service.version': '1.2.3' }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('ebb', '0.1.0');
  const parent = tracer.startSpan('POST /orders', { kind: SpanKind.SERVER });
  const child = tracer.startSpan(
    'process reserve-stock',
    {
      kind: SpanKind.CONSUMER,
      links: [{ context: { traceId: traceIdOf(9), spanId: spanIdOf(9), traceFlags: 1 }, attributes: { why: 'hop' } }],
      attributes: {
        'cloudevents.event_id': 'e-1',
        text: 'größe 📦',
        whole: 42,
        negative: -7,
        fraction: 1.5,
        huge: 1e300,
        yes: true,
        texts: ['a', 'b'],
        numbers: [1, 2.5],
        empty: '',
      },
    },
    trace.setSpan(ROOT_CONTEXT, parent),
  );
  child.addEvent('retried', { attempt: 2 });
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'no stock' });
  child.end();
  parent.end();
  return exporter.getFinishedSpans();
}
