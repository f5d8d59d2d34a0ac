import { messageOf } from '@ebb/core';
import type { EventLog, LogRecord } from '@ebb/event-log';
import { toRecord } from '@ebb/events';
import type { PendingEvent } from '@ebb/postgres';
import { parseTraceparent, traceparentOf } from '@ebb/telemetry';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Span, type Tracer } from '@opentelemetry/api';
import type { TopicHealth } from './topic-health.ts';

/** Takes events to their topics; resolves to those that are durable there. Never rejects. */
export type Publisher = (events: readonly PendingEvent[]) => Promise<readonly PendingEvent[]>;

/**
 * Appends events to the log in the order given, each with a span of its own: the hop that consumers continue from.
 * A topic that cannot be written to keeps its own events back, and no others.
 */
export function publisherTo(log: EventLog, tracer: Tracer, health: TopicHealth): Publisher {
  return async (events) => {
    const byTopic = new Map<string, PendingEvent[]>();
    for (const event of events) {
      const ofTopic = byTopic.get(event.topic);
      if (ofTopic) ofTopic.push(event);
      else byTopic.set(event.topic, [event]);
    }
    const published = await Promise.all(
      [...byTopic].map(async ([topic, ofTopic]) => ((await publishTo(topic, ofTopic)) ? ofTopic : [])),
    );
    return published.flat();
  };

  async function publishTo(topic: string, events: readonly PendingEvent[]): Promise<boolean> {
    const hops = events.map((event) => hopOf(event, tracer));
    try {
      await log.append(
        topic,
        hops.map(({ record }) => record),
      );
      health.succeeded(topic);
      return true;
    } catch (error) {
      health.failed(topic, error);
      for (const { span } of hops) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      return false;
    } finally {
      for (const { span } of hops) span.end();
    }
  }
}

interface Hop {
  readonly record: LogRecord;
  readonly span: Span;
}

/** The event's own attribute holds the context that it was emitted in; the record's header holds this hop. */
function hopOf({ topic, event }: PendingEvent, tracer: Tracer): Hop {
  const parent = parseTraceparent(event.traceparent, event.tracestate);
  const record = toRecord(event);
  const span = tracer.startSpan(
    `publish ${topic}`,
    {
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
        'messaging.destination.name': topic,
        'cloudevents.event_id': event.id,
        'cloudevents.event_source': event.source,
        'cloudevents.event_type': event.type,
        ...(event.subject !== undefined && { 'cloudevents.event_subject': event.subject }),
      },
    },
    parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
  );
  return { span, record: { ...record, headers: { ...record.headers, traceparent: traceparentOf(span) } } };
}
