import { messageOf } from '@ebb/core';
import type { LogRecord } from '@ebb/event-log';
import { assertRecordFits, CloudEventError, toRecord, type CloudEvent } from '@ebb/events';
import type { PendingEvent } from '@ebb/postgres';
import { parseTraceparent, traceparentOf } from '@ebb/telemetry';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Span, type Tracer } from '@opentelemetry/api';

/** An event on its way to the log. */
export interface Hop {
  readonly pending: PendingEvent;
  readonly record: LogRecord;
  readonly span: Span;
}

/**
 * The event's own attribute holds the context that it was emitted in; the record's header holds this hop.
 * @throws CloudEventError · EbbError EBB_TOO_LARGE for what no log takes
 */
export function hopOf(pending: PendingEvent, tracer: Tracer): Hop {
  const { topic, event } = pending;
  assertEvent(event);
  const record = toRecord(event);
  assertRecordFits(record);
  const parent = parseTraceparent(event.traceparent, event.tracestate);
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
  return { pending, span, record: { ...record, headers: { ...record.headers, traceparent: traceparentOf(span) } } };
}

export function endHops(hops: readonly Hop[], error?: unknown): void {
  for (const { span } of hops) {
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    span.end();
  }
}

/** A row is trusted to be what the outbox wrote, but anyone with the schema's password can write one. */
function assertEvent(event: CloudEvent): void {
  for (const name of ['specversion', 'id', 'source', 'type'] as const) {
    const value: unknown = event[name];
    if (typeof value !== 'string' || value === '') {
      throw new CloudEventError(`the row holds no CloudEvent: ${name} is missing`, { attribute: name });
    }
  }
}
