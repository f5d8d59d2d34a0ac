import { describe, expect, it } from '@jest/globals';
import { SpanKind, SpanStatusCode, type Attributes, type Span, type SpanOptions } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { RecordingTracer } from '../tracing/tracer.ts';
import type { RecordedSpan } from '../tracing/recorded-span.ts';
import { ExporterSink } from './exporter-sink.ts';
import { framesOf, jsonOf } from './otlp-json.ts';

interface Written {
  readonly attributes: { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

function spanOf(options: SpanOptions, then: (span: Span) => void = () => undefined): RecordedSpan {
  const ended: RecordedSpan[] = [];
  const span = new RecordingTracer((each) => ended.push(each)).startSpan('step', options);
  then(span);
  span.end();
  return ended[0]!;
}

const written = (span: RecordedSpan) => JSON.parse(jsonOf(span)) as Written;
const attributesOf = (attributes: Attributes) => written(spanOf({ attributes })).attributes;

/** What OpenTelemetry's own serializer makes of the same span. */
async function byTheSdk(span: RecordedSpan): Promise<Readonly<Record<string, unknown>>> {
  const spans: ReadableSpan[] = [];
  const exporter = { export: (some: ReadableSpan[]) => spans.push(...some), shutdown: () => Promise.resolve() };
  const sink = new ExporterSink({ exporter, delayMs: 0, resource: {}, version: undefined });
  sink.add(span);
  await sink.flush();
  const bytes = JsonTraceSerializer.serializeRequest(spans);
  const document = JSON.parse(Buffer.from(bytes!).toString()) as {
    resourceSpans: { scopeSpans: { spans: Readonly<Record<string, unknown>>[] }[] }[];
  };
  return document.resourceSpans[0]!.scopeSpans[0]!.spans[0]!;
}

describe('a span in OTLP JSON', () => {
  it('says the same as the serializer of the SDK', async () => {
    const context = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
    const attributes = { text: 'a "quoted" \\ line\nand é', whole: 7, part: 0.5, yes: true, list: ['a', 'b'] };
    const links = [{ context, attributes: { why: 'cause' } }];
    const span = spanOf({ kind: SpanKind.CONSUMER, attributes, links, startTime: 1_700_000_000_123 }, (open) => {
      open.addEvent('tried', { nth: 2 }, 1_700_000_000_124);
      open.setStatus({ code: SpanStatusCode.ERROR, message: 'no "stock"' });
    });
    span.endMs = 1_700_000_000_125;
    expect(await byTheSdk(span)).toMatchObject(written(span));
  });

  it.each([
    [Number.NaN, { doubleValue: 'NaN' }],
    [-Infinity, { doubleValue: '-Infinity' }],
    [2 ** 60, { doubleValue: 2 ** 60 }],
    [-3, { intValue: -3 }],
    [false, { boolValue: false }],
    [[1, null], { arrayValue: { values: [{ intValue: 1 }, {}] } }],
  ])('writes %j', (value, json) => {
    expect(attributesOf({ value })).toEqual([{ key: 'value', value: json }]);
  });

  it('keeps any text, short or long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(attributesOf({ text })[0]?.value.stringValue).toBe(text);
      }),
    );
  });

  it('leaves out what no attribute can hold', () => {
    expect(attributesOf({ no: undefined, nor: {} as string, yes: 1 })).toHaveLength(1);
  });

  it('is framed by what is the same for all', () => {
    const { head, tail } = framesOf({ 'service.name': 'or"ders' }, '1.2.3');
    expect(JSON.parse(`${head}${jsonOf(spanOf({}))}${tail}`)).toMatchObject({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'or"ders' } }] },
          scopeSpans: [{ scope: { name: 'ebb', version: '1.2.3' }, spans: [{ name: 'step' }] }],
        },
      ],
    });
  });
});
