import { inSpan, parseTraceparent } from '@ebb/telemetry';
import type { DecodedEvent } from '@ebb/events';
import type { StoredRecord } from '@ebb/event-log';
import { SpanKind, type SpanContext } from '@opentelemetry/api';
import { deadLetter } from './dead-lettering.ts';
import type { Delivery, DeliveryPorts } from './delivery.ts';
import { eventAttributes } from './receiver.ts';
import { sendTo } from './send-to.ts';

/**
 * Brings a record to its end: delivered, dead-lettered, or lost and kept in the local store.
 * @throws the signal's reason when the runtime stops first: the record is then delivered again after the restart
 */
export function deliver(delivery: Delivery, ports: DeliveryPorts): Promise<void> {
  const { config, record, decoded } = delivery;
  const parent = hopOf(delivery, ports);
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'process',
    'messaging.destination.name': record.topic,
    'messaging.destination.partition.id': String(record.partition),
    'messaging.kafka.offset': String(record.offset),
    'messaging.consumer.group.name': config.group,
    ...eventAttributes(decoded),
  };
  const options = { kind: SpanKind.CLIENT, attributes, ...(parent ? { parent } : { root: true }) };
  return inSpan(ports.tracer, `deliver ${config.name}`, options, async (span) => {
    const extended = withPosition(decoded, record);
    const failure = await sendTo(config.subscriber, extended, span, delivery, ports);
    if (failure) await deadLetter(failure, extended, span, delivery, ports);
    else delivery.counts.delivered += 1;
  });
}

/** The context of the record's own hop; a record without any would carry another event's in a cluster (trap 17). */
function hopOf({ record, decoded, config }: Delivery, { traps }: DeliveryPorts): SpanContext | undefined {
  const { traceparent, tracestate } = record.headers;
  const { event } = decoded;
  if (traceparent === undefined && event.traceparent === undefined) {
    traps.report(17, config.name, `${event.type} reached the topic ${record.topic} without a traceparent`);
  }
  return parseTraceparent(traceparent, tracestate) ?? parseTraceparent(event.traceparent, event.tracestate);
}

function withPosition({ event, payload }: DecodedEvent, { partition, offset }: StoredRecord): DecodedEvent {
  return {
    event: { ...event, knativekafkapartition: String(partition), knativekafkaoffset: String(offset) },
    payload,
  };
}
