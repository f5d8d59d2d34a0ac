import { describe, expect, it } from '@jest/globals';
import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags, type SpanContext } from '@opentelemetry/api';
import { createTraceState } from '@opentelemetry/api';
import { useAsyncContext } from '../context.ts';
import type { RecordedSpan } from './recorded-span.ts';
import { RecordingTracer } from './tracer.ts';

useAsyncContext();

function start() {
  const ended: RecordedSpan[] = [];
  return { tracer: new RecordingTracer((span) => ended.push(span)), ended };
}

const PARENT: SpanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  traceState: createTraceState('vendor=1'),
};
const under = (parent: SpanContext) => trace.setSpanContext(ROOT_CONTEXT, parent);

describe('the tracer', () => {
  it('goes on with the trace and the state of a parent, and makes an id of its own', () => {
    const { tracer } = start();
    const { traceId, spanId, traceState } = tracer.startSpan('child', {}, under(PARENT)).spanContext();
    expect(traceId).toBe(PARENT.traceId);
    expect(spanId).toMatch(/^(?!b7ad6b7169203331)[\da-f]{16}$/);
    expect(traceState?.serialize()).toBe('vendor=1');
  });

  it('starts a trace where a root is asked for, or the parent is none', () => {
    const { tracer } = start();
    const ids = [
      tracer.startSpan('root', { root: true }, under(PARENT)),
      tracer.startSpan('orphan', {}, under({ ...PARENT, traceId: '0'.repeat(32) })),
    ].map((span) => span.spanContext().traceId);
    for (const id of ids) expect(id).toMatch(/^(?!0{32}|0af7651916cd43dd8448eb211c80319c)[\da-f]{32}$/);
  });

  it('records nothing of what a caller does not sample', () => {
    const { tracer, ended } = start();
    const span = tracer.startSpan('quiet', {}, under({ ...PARENT, traceFlags: TraceFlags.NONE }));
    span.end();
    expect(span.isRecording()).toBe(false);
    expect(ended).toEqual([]);
  });

  it('makes a span active, with options or without', () => {
    const { tracer } = start();
    expect(tracer.startActiveSpan('a', (span) => trace.getActiveSpan() === span)).toBe(true);
    expect(tracer.startActiveSpan('b', {}, (span) => trace.getActiveSpan() === span)).toBe(true);
    const inherited = tracer.startActiveSpan('c', {}, under(PARENT), (span) => span.spanContext().traceId);
    expect(inherited).toBe(PARENT.traceId);
  });
});

describe('a recorded span', () => {
  it('is handed on once, and does not change afterwards', () => {
    const { tracer, ended } = start();
    const span = tracer.startSpan('step', { attributes: { a: 1 } });
    span.end();
    span.end();
    span.setAttribute('a', 2).updateName('other').addEvent('late').setStatus({ code: SpanStatusCode.ERROR });
    expect(ended).toHaveLength(1);
    expect(ended[0]).toMatchObject({ name: 'step', attributes: { a: 1 }, events: [], status: { code: 0 } });
  });

  it('never ends before it starts', () => {
    const { tracer, ended } = start();
    tracer.startSpan('step', { startTime: 2_000_000_000_000 }).end(1_999_999_999_999);
    expect(ended[0]).toMatchObject({ startMs: 2_000_000_000_000, endMs: 2_000_000_000_000 });
  });

  it('takes times as OpenTelemetry does', () => {
    const { tracer, ended } = start();
    tracer.startSpan('step', { startTime: [1_700_000_000, 500_000_000] }).end(new Date(1_700_000_001_000));
    tracer.startSpan('step', { startTime: 0 }).end();
    expect(ended[0]).toMatchObject({ startMs: 1_700_000_000_500, endMs: 1_700_000_001_000 });
    expect(ended[1]?.startMs).toBe(performance.timeOrigin);
  });

  it('cuts long attributes, and keeps what it was given apart', () => {
    const { tracer, ended } = start();
    const attributes = { text: 'x'.repeat(10_000), list: ['y'.repeat(10_000), 'z'] };
    tracer.startSpan('step', { attributes }).setAttribute('more', 'm'.repeat(10_000)).end();
    const [span] = ended;
    expect(span?.attributes).toMatchObject({ text: 'x'.repeat(8_192), more: 'm'.repeat(8_192) });
    expect(span?.attributes.list).toEqual(['y'.repeat(8_192), 'z']);
    expect(attributes.text).toHaveLength(10_000);
  });

  it('describes an exception, and what was right stays so', () => {
    const { tracer, ended } = start();
    const span = tracer.startSpan('step');
    span.recordException(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    span.recordException('only words');
    span.setStatus({ code: SpanStatusCode.OK, message: 'ignored' }).setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    const [first, second] = ended[0]?.events ?? [];
    expect(first?.attributes).toMatchObject({ 'exception.type': 'ECONNRESET', 'exception.message': 'gone' });
    expect(first?.attributes['exception.stacktrace']).toContain('gone');
    expect(second?.attributes).toEqual({ 'exception.message': 'only words' });
    expect(ended[0]?.status).toEqual({ code: SpanStatusCode.OK });
  });

  it('keeps a bounded number of events and links', () => {
    const { tracer, ended } = start();
    const span = tracer.startSpan('step');
    for (let nth = 0; nth < 500; nth += 1) span.addEvent('tick').addLink({ context: PARENT });
    span.end();
    expect(ended[0]?.events).toHaveLength(128);
    expect(ended[0]?.links).toHaveLength(128);
  });
});
