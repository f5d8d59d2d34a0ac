import type { EventLog, LogRecord } from '@ebb/event-log';
import { toRecord } from '@ebb/events';
import type { PendingEvent } from '@ebb/postgres';
import { parseTraceparent, traceparentOf } from '@ebb/telemetry';
import { messageOf } from '@ebb/core';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Span, type Tracer } from '@opentelemetry/api';

/** What takes the events of a batch to their topics; it resolves, when all of them are durable, to what it was given. */
export type Publisher = (events: readonly PendingEvent[]) => Promise<readonly PendingEvent[]>;

/** Appends events to the log in the order given, each with a span of its own: the hop that consumers continue from. */
export function publisherTo(log: EventLog, tracer: Tracer): Publisher {
  return async (events) => {
    const published = events.map((pending) => withSpan(pending, tracer));
    try {
      for (const [topic, records] of byTopic(published)) await log.append(topic, records);
      return events;
    } catch (error) {
      for (const { span } of published) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      throw error;
    } finally {
      for (const { span } of published) span.end();
    }
  };
}

interface Published {
  readonly topic: string;
  readonly record: LogRecord;
  readonly span: Span;
}

/** The event's own attribute holds the context that it was emitted in; the record's header holds this hop. */
function withSpan({ topic, event }: PendingEvent, tracer: Tracer): Published {
  const parent = parseTraceparent(event.traceparent, event.tracestate);
  const span = tracer.startSpan(
    `publish ${topic}`,
    {
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.operation.name': 'publish',
        'messaging.destination.name': topic,
        'cloudevents.event_id': event.id,
        'cloudevents.event_source': event.source,
        'cloudevents.event_type': event.type,
        ...(event.subject !== undefined && { 'cloudevents.event_subject': event.subject }),
      },
    },
    parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
  );
  const record = toRecord(event);
  return { topic, span, record: { ...record, headers: { ...record.headers, traceparent: traceparentOf(span) } } };
}

function byTopic(published: readonly Published[]): ReadonlyMap<string, readonly LogRecord[]> {
  const topics = new Map<string, LogRecord[]>();
  for (const { topic, record } of published) {
    const records = topics.get(topic) ?? [];
    records.push(record);
    topics.set(topic, records);
  }
  return topics;
}
