import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { broker, delivery, startEventing, TRACEPARENT, trigger, type TestEventing } from './eventing.fixture.ts';
import { memoryLog, type MemoryLog } from './memory-log.fixture.ts';
import { startSubscriber, type TestSubscriber } from './subscriber.fixture.ts';
import { until } from './until.fixture.ts';

const [, TRACE_ID, PARENT_ID] = TRACEPARENT.split('-');
let log: MemoryLog;
let test: TestEventing;
let subscriber: TestSubscriber;
let status = 204;

beforeEach(async () => {
  log = memoryLog();
  status = 204;
  subscriber = await startSubscriber(() => ({ status }));
  test = await startEventing(log);
  await test.eventing.apply(broker());
  await test.eventing.apply(trigger(subscriber.url, { delivery: delivery(1) }));
});
afterEach(async () => {
  await test.stop();
  await subscriber.close();
});

const finished = async (): Promise<readonly ReadableSpan[]> => {
  await until('it is finished', () => test.eventing.triggers()[0]?.lag === 0 && subscriber.seen.length > 0);
  return test.spans();
};
const named = (spans: readonly ReadableSpan[], name: string) => spans.find((span) => span.name === name)!;

describe('the spans of an event', () => {
  it('continue from the publisher through ingress and log to the subscriber', async () => {
    await test.publish('e-1');
    const spans = await finished();
    const [received, delivered] = [named(spans, 'receive orders'), named(spans, 'deliver test')];
    expect(received.kind).toBe(SpanKind.SERVER);
    expect(received.spanContext().traceId).toBe(TRACE_ID);
    expect(received.parentSpanContext?.spanId).toBe(PARENT_ID);
    expect(delivered.kind).toBe(SpanKind.CLIENT);
    expect(delivered.parentSpanContext?.spanId).toBe(received.spanContext().spanId);
    expect(delivered.attributes).toMatchObject({
      'cloudevents.event_id': 'e-1',
      'messaging.destination.name': 'orders',
      'messaging.consumer.group.name': 'knative-trigger-default-test',
      'ebb.attempt': 1,
      'http.response.status_code': 204,
    });
    expect(subscriber.seen[0]?.headers.traceparent).toBe(`00-${TRACE_ID}-${delivered.spanContext().spanId}-01`);
    expect(subscriber.seen[0]?.headers['ce-traceparent']).toBe(TRACEPARENT);
  });

  it('start a trace where the event brings none, and each event has its own', async () => {
    const none = { 'ce-traceparent': 'nonsense', traceparent: 'nonsense' };
    await test.publish('a', none);
    await test.publish('b', none);
    await until('both are delivered', () => subscriber.seen.length === 2);
    const traceIds = (await finished())
      .filter(({ name }) => name === 'receive orders')
      .map((span) => span.spanContext().traceId);
    expect(new Set(traceIds).size).toBe(2);
    for (const { headers } of log.records('orders')) expect(traceIds).toContain(headers.ce_traceparent?.split('-')[1]);
  });

  it('are one per series of attempts, and say that it failed', async () => {
    status = 503;
    await test.publish('e-1');
    const delivered = named(await finished(), 'deliver test');
    expect(delivered.attributes).toMatchObject({ 'ebb.attempt': 2, 'http.response.status_code': 503 });
    expect(delivered.status).toMatchObject({ code: SpanStatusCode.ERROR, message: 'answered 503' });
    expect(delivered.events.map(({ name }) => name)).toEqual(['attempt failed', 'attempt failed']);
    expect(subscriber.seen[0]?.headers.traceparent).toBe(subscriber.seen[1]?.headers.traceparent);
  });

  it('continue a record that was written without the ingress', async () => {
    const hop = TRACEPARENT.replace(PARENT_ID!, '00f067aa0ba902b7');
    const headers = { ce_specversion: '1.0', ce_id: 'r', ce_source: '/s', ce_type: 't', ce_traceparent: TRACEPARENT };
    await log.append('orders', [{ key: null, headers: { ...headers, traceparent: hop }, value: null }]);
    const delivered = named(await finished(), 'deliver test');
    expect(delivered.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(test.eventing.traps()).toEqual([]);
  });

  it('do not mix when the topic holds an event without any context (trap 17)', async () => {
    await log.append('orders', [
      { key: null, headers: { ce_specversion: '1.0', ce_id: 'r', ce_source: '/s', ce_type: 't' }, value: null },
    ]);
    const delivered = named(await finished(), 'deliver test');
    expect(delivered.parentSpanContext).toBeUndefined();
    expect(test.eventing.traps()).toMatchObject([{ trap: 17, subject: 'test', name: 'event-without-traceparent' }]);
  });
});
