import { createTraceState, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openSpan, startTelemetry } from '../index.ts';
import { otlpJson } from './otlp-json.ts';

async function spansOf(make: (tracer: ReturnType<typeof startTelemetry>['tracer']) => void): Promise<ReadableSpan[]> {
  const exporter = new InMemorySpanExporter();
  const telemetry = startTelemetry({ service: 'orders', version: '1.2', instance: 'a "b"', exporter });
  make(telemetry.tracer);
  await telemetry.flush();
  const spans = exporter.getFinishedSpans();
  await telemetry.shutdown();
  return spans;
}

/** What OpenTelemetry's own package writes of them. */
const reference = (spans: ReadableSpan[]): unknown =>
  JSON.parse(Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? new Uint8Array()).toString());

describe('spans in OTLP/JSON', () => {
  it('are what the transformer of OpenTelemetry makes of them', async () => {
    const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
    const parent = { ...remote, isRemote: true, traceState: createTraceState('a=1,b=2') };
    const spans = await spansOf((tracer) => {
      const links = [{ context: remote, attributes: { why: 'hop' } }, { context: parent }];
      const { span, within } = openSpan(tracer, 'process "take"', { kind: SpanKind.CONSUMER, parent, links });
      span.setAttributes({ text: 'ä "\n', whole: 7, part: 0.5, yes: true, many: ['a', 'b'], none: [], odd: [1, 0.5] });
      span.recordException(new Error('no'));
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'no "way"' });
      within(() => tracer.startSpan('inside').end());
      span.end();
      tracer.startSpan('alone', { root: true }).end();
    });
    expect(spans).toHaveLength(3);
    expect(JSON.parse(otlpJson(spans))).toEqual(reference(spans));
  });

  it('are it whatever the attributes and the times', async () => {
    const values = fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.integer(), fc.boolean());
    const attributes = fc.dictionary(fc.string({ minLength: 1 }), values);
    await fc.assert(
      fc.asyncProperty(
        fc.string(),
        attributes,
        fc.date({ noInvalidDate: true, min: new Date(0) }),
        async (...input) => {
          const [name, given, startTime] = input;
          const spans = await spansOf((tracer) => tracer.startSpan(name, { attributes: given, startTime }).end());
          expect(JSON.parse(otlpJson(spans))).toEqual(reference(spans));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are an empty list when there are none', () => {
    expect(JSON.parse(otlpJson([]))).toEqual({ resourceSpans: [] });
  });
});
