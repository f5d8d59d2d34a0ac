import { messageOf, type Logger } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import type { ParkReason } from '@ebb/postgres';
import { continueEvent, openSpan, type OpenSpan, type Telemetry } from '@ebb/telemetry';
import { SpanKind, SpanStatusCode, type Attributes, type Span } from '@opentelemetry/api';

import { failureOf, outcomeWord, type Outcome } from './outcome.ts';

/** The span of one event in one function, in the event's own trace; `hop` is the traceparent header that it came with. */
export function openProcessSpan(
  tracer: Telemetry['tracer'],
  fn: string,
  event: CloudEvent,
  hop: string | undefined,
): OpenSpan {
  const { parent, links } = continueEvent(event.traceparent, hop, event.tracestate);
  const options = { kind: SpanKind.CONSUMER, links, parent };
  return openSpan(tracer, `process ${fn}`, options);
}

/** Writes down what it was and how it went, on the span and, where a person should know, in the log. Ends the span. */
export function closeProcessSpan(span: Span, fn: string, event: CloudEvent, outcome: Outcome, log: () => Logger): void {
  span.setAttributes(attributesOf(fn, event, outcomeWord(outcome)));
  if (outcome.outcome === 'parked' && goesOnByItself(outcome.reason)) {
    log().info({ reason: outcome.reason }, 'event parked for now');
  } else if (outcome.outcome === 'parked') {
    span.setStatus({ code: SpanStatusCode.ERROR, message: `parked: ${outcome.reason}` });
    log().error({ reason: outcome.reason }, 'event parked');
  }
  const error = failureOf(outcome);
  if (error) {
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    log().warn({ err: error, outcome: outcomeWord(outcome) }, 'event not processed');
  }
  span.end();
}

/** Nobody has to do anything about it: its time comes, or its turn. */
function goesOnByItself(reason: ParkReason): boolean {
  return reason === 'delayed' || reason === 'behind';
}

/** All at once, at the end: adding them one by one costs more than all the rest of a span. */
function attributesOf(fn: string, { id, source, type, subject }: CloudEvent, outcome: string): Attributes {
  const attributes = {
    'ebb.function': fn,
    'cloudevents.event_id': id,
    'cloudevents.event_source': source,
    'cloudevents.event_type': type,
    'ebb.outcome': outcome,
  };
  return subject === undefined ? attributes : { ...attributes, 'cloudevents.event_subject': subject };
}
