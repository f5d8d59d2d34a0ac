import { HttpProblem, messageOf, type Logger } from '@ebb/core';
import { assertRecordFits, MAX_RECORD_BYTES, toRecord, type DecodedEvent, type EventRecord } from '@ebb/events';
import type { EventLog, Position } from '@ebb/event-log';
import { continueEvent, inSpan, parseTraceparent, traceparentOf, type EventContinuation } from '@ebb/telemetry';
import { isSpanContextValid, SpanKind, type Span, type Tracer } from '@opentelemetry/api';
import { createAppender } from './appender.ts';
import type { BrokerEntry } from './broker-registry.ts';
import { toLenientRecord } from './lenient-codec.ts';
import type { SchemaCheck } from './schema-check.ts';
import type { TrapReports } from './trap-reports.ts';

/** How an event came in. */
export interface Arrival {
  /** The W3C context of the hop (HTTP header), not of the event. */
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
  /** When its request began, in milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** It continues the active span, because its sender is this process. */
  readonly inProcess?: boolean;
}

/** Where an event was stored. */
export interface Received {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** The trace that the event starts or continues. */
  readonly traceId: string;
}

/** The one way into a Broker: the ingress, the control API and deliveries to a Broker all go through it. */
export interface Receiver {
  /**
   * Checks the event where the Broker asks for it and stores it; resolves when the log has it.
   * @throws HttpProblem 422 when it breaks its schema, 413 when no log takes it, 503 when the log does not take it
   */
  receive(broker: BrokerEntry, decoded: DecodedEvent, arrival: Arrival): Promise<Received>;
}

export interface ReceiverOptions {
  readonly log: EventLog;
  readonly tracer: Tracer;
  readonly traps: TrapReports;
  readonly logger: Logger;
  readonly schemas: SchemaCheck;
}

/** An outage lasts; whoever publishes need not ask again at once. */
const RETRY_AFTER_S = '1';

export function createReceiver({ log, tracer, traps, logger, schemas }: ReceiverOptions): Receiver {
  const appender = createAppender(log);
  const store = async (broker: BrokerEntry, decoded: DecodedEvent, span: Span): Promise<Received> => {
    if (broker.enforcesSchemas) await schemas.check(broker, decoded.event);
    const stamped = withTrace(decoded, span);
    const stored = await append(broker, recordOf(stamped, span));
    const traceId = parseTraceparent(stamped.event.traceparent)?.traceId ?? span.spanContext().traceId;
    return { topic: broker.topic, ...stored, traceId };
  };
  const append = async (broker: BrokerEntry, record: EventRecord): Promise<Position> => {
    assertCarried(broker, record, traps);
    try {
      return await appender.append(broker.topic, record);
    } catch (error) {
      const reason = messageOf(error);
      logger.error({ broker: broker.name, topic: broker.topic, reason }, 'an event could not be stored');
      throw new HttpProblem(503, `the event log did not take the event: ${reason}`, {
        headers: { 'retry-after': RETRY_AFTER_S },
      });
    }
  };
  return {
    receive(broker, decoded, arrival) {
      const { event } = decoded;
      if (!parseTraceparent(event.traceparent ?? arrival.traceparent) && arrival.inProcess !== true) {
        traps.report(17, event.source, `${event.type} was published to ${broker.name} without a traceparent`);
      }
      const attributes = {
        'messaging.operation.type': 'send',
        'messaging.destination.name': broker.topic,
        ...eventAttributes(decoded),
      };
      const options = {
        kind: SpanKind.SERVER,
        startTime: arrival.startedAtMs,
        attributes,
        ...origin(decoded, arrival),
      };
      return inSpan(tracer, `receive ${broker.name}`, options, (span) => store(broker, decoded, span));
    },
  };
}

/** Semantic conventions of CloudEvents, for every span that handles one. */
export function eventAttributes({ event }: DecodedEvent): Record<string, string> {
  return {
    'cloudevents.event_id': event.id,
    'cloudevents.event_source': event.source,
    'cloudevents.event_type': event.type,
    ...(event.subject !== undefined && { 'cloudevents.event_subject': event.subject }),
  };
}

/** The event with a trace of its own: the one that it has if that is valid, or that of the span which took it in. */
export function withTrace({ event, payload }: DecodedEvent, span: Span): DecodedEvent {
  if (parseTraceparent(event.traceparent) || !isSpanContextValid(span.spanContext())) return { event, payload };
  return { event: { ...event, traceparent: traceparentOf(span) }, payload };
}

/** The record of an event, with the span that writes it as the hop to continue. */
export function recordOf(decoded: DecodedEvent, span: Span): EventRecord {
  const record = strictOrLenient(decoded);
  if (!isSpanContextValid(span.spanContext())) return record;
  return { ...record, headers: { ...record.headers, traceparent: traceparentOf(span) } };
}

function strictOrLenient(decoded: DecodedEvent): EventRecord {
  try {
    return toRecord(decoded.event, decoded.payload);
  } catch {
    return toLenientRecord(decoded);
  }
}

function origin({ event }: DecodedEvent, arrival: Arrival): Partial<EventContinuation> & { root?: boolean } {
  if (parseTraceparent(event.traceparent)) {
    return continueEvent(event.traceparent, arrival.traceparent, arrival.tracestate);
  }
  const parent = parseTraceparent(arrival.traceparent, arrival.tracestate);
  if (parent) return { parent };
  return arrival.inProcess ? {} : { root: true };
}

/** Looked at before the record is with others, whose append it would spoil. */
function assertCarried({ name }: BrokerEntry, record: EventRecord, traps: TrapReports): void {
  try {
    assertRecordFits(record);
  } catch (error) {
    traps.report(18, `broker ${name}`, `an event over ${MAX_RECORD_BYTES} bytes was published`);
    throw new HttpProblem(413, messageOf(error));
  }
}
