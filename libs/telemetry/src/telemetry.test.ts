import { afterEach, describe, expect, it } from '@jest/globals';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { EbbError, Secret } from '@ebb/core';
import { activeSpan, inSpan, parseTraceparent, startTelemetry, traceparentOf, type TelemetryOptions } from './index.ts';

const open: { shutdown(): Promise<void> }[] = [];
afterEach(async () => {
  for (const telemetry of open.splice(0)) await telemetry.shutdown();
});

function start(options: Partial<TelemetryOptions> = {}) {
  const lines: string[] = [];
  const exporter = new InMemorySpanExporter();
  const telemetry = startTelemetry({
    service: 'orders',
    exporter,
    logDestination: { write: (line) => lines.push(line) },
    ...options,
  });
  open.push(telemetry);
  const read = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...telemetry, exporter, read };
}

describe('spans', () => {
  it('nest across awaits, and carry the service', async () => {
    const { tracer, flush, exporter } = start({ version: '1.2.3' });
    await inSpan(tracer, 'outer', { kind: SpanKind.SERVER }, async () => {
      await new Promise(setImmediate);
      await inSpan(tracer, 'inner', {}, () => Promise.resolve());
    });
    await flush();
    const [inner, outer] = exporter.getFinishedSpans();
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(outer?.parentSpanContext).toBeUndefined();
    expect(outer?.resource.attributes).toMatchObject({ 'service.name': 'orders', 'service.version': '1.2.3' });
  });

  it('are not mixed up by steps that run at the same time', async () => {
    const { tracer, flush, exporter } = start();
    const step = (name: string) =>
      inSpan(tracer, name, {}, async (span) => {
        for (let turn = 0; turn < 5; turn += 1) {
          await new Promise(setImmediate);
          expect(activeSpan()).toBe(span);
        }
      });
    await Promise.all(['a', 'b', 'c'].map(step));
    await flush();
    expect(new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId)).size).toBe(3);
    expect(activeSpan()).toBeUndefined();
  });

  it('continue the parent they are given, with its sampling', async () => {
    const { tracer, flush, exporter } = start();
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const off = parseTraceparent(`00-${traceId}-b7ad6b7169203331-00`)!;
    const on = parseTraceparent(`00-${traceId}-b7ad6b7169203331-01`)!;
    const passedOn = await inSpan(tracer, 'unsampled', { parent: off }, (span) => Promise.resolve(traceparentOf(span)));
    await inSpan(tracer, 'sampled', { parent: on }, () => Promise.resolve());
    await flush();
    expect(passedOn).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-00$`));
    expect(exporter.getFinishedSpans().map((span) => span.name)).toEqual(['sampled']);
  });

  it('record the error that ends them, and throw it on', async () => {
    const { tracer, flush, exporter } = start();
    const failing = inSpan(tracer, 'step', {}, () => Promise.reject(new Error('no stock')));
    await expect(failing).rejects.toThrow('no stock');
    await flush();
    const [span] = exporter.getFinishedSpans();
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'no stock' });
    expect(span?.events[0]?.name).toBe('exception');
  });

  it('have ids to pass on even when nothing exports them', async () => {
    const telemetry = startTelemetry({ service: 'orders' });
    open.push(telemetry);
    const traceparent = await inSpan(telemetry.tracer, 'x', {}, (span) => Promise.resolve(traceparentOf(span)));
    expect(parseTraceparent(traceparent)?.traceFlags).toBe(1);
  });
});

describe('log lines', () => {
  it('carry service, level, time and the ids of the active span', async () => {
    const { tracer, logger, flush, read } = start({ instance: 'pod-1' });
    const before = Date.now();
    const context = await inSpan(tracer, 'step', {}, (span) => {
      logger.info({ orderId: 'o-1' }, 'placed');
      return Promise.resolve(span.spanContext());
    });
    logger.warn('outside');
    await flush();
    const [inside, outside] = read();
    expect(inside).toMatchObject({
      level: 'info',
      service: 'orders',
      instance: 'pod-1',
      orderId: 'o-1',
      msg: 'placed',
    });
    expect(inside).toMatchObject({ trace_id: context.traceId, span_id: context.spanId });
    expect(Date.parse(inside?.time as string)).toBeGreaterThanOrEqual(before);
    expect(outside).not.toHaveProperty('trace_id');
  });

  it('come in the order of the calls, also while the logger is still being loaded', async () => {
    const { logger, flush, read } = start();
    for (let n = 0; n < 3; n += 1) logger.info({ n }, 'early');
    await flush();
    for (let n = 3; n < 6; n += 1) logger.info({ n }, 'late');
    await flush();
    expect(read().map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('inherit the fields of their child loggers, and leave out what is below the level', async () => {
    const { logger, flush, read } = start({ logLevel: 'warn' });
    const child = logger.child({ fn: 'reserve' }).child({ attempt: 2 });
    child.info('quiet');
    child.debug('quiet');
    child.error('loud');
    await flush();
    expect(read()).toMatchObject([{ level: 'error', fn: 'reserve', attempt: 2, msg: 'loud' }]);
  });

  it('mask secrets at any depth', async () => {
    const { logger, flush, read } = start();
    logger.info({ url: new Secret('postgres://hunter2'), config: { deep: [new Secret('hunter2')] } }, 'starting');
    await flush();
    expect(JSON.stringify(read())).not.toContain('hunter2');
    expect(read()[0]).toMatchObject({ url: '***', config: { deep: ['***'] } });
  });

  it('keep an error with its code and cause, whichever way it is given', async () => {
    const { logger, flush, read } = start();
    const error = new EbbError('EBB_RUNTIME', 'gone', { cause: new Error('refused') });
    logger.error({ err: error }, 'failed');
    logger.error(error);
    await flush();
    const [first, second] = read();
    expect(first).toMatchObject({ msg: 'failed', err: { code: 'EBB_RUNTIME' } });
    expect(second).toMatchObject({ msg: 'gone', err: { code: 'EBB_RUNTIME' } });
    expect(JSON.stringify(first)).toContain('refused');
  });

  it('need a level that exists', () => {
    expect(() => start({ logLevel: 'loud' })).toThrow('"loud" is no log level');
  });
});
