import { messageOf } from '@ebb/core';
import type { StoredRecord } from '@ebb/event-log';
import type { DecodedEvent } from '@ebb/events';
import { deadLetterAttributes } from '@ebb/knative';
import { inSpan } from '@ebb/telemetry';
import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';
import type { DeadLetter } from './dead-letter-store.ts';
import type { Delivery, DeliveryPorts, Failure } from './delivery.ts';
import { resolveDestination } from './destination.ts';
import { observeFailure } from './observe.ts';
import { eventAttributes } from './receiver.ts';
import { sendTo } from './send-to.ts';
import { createTail } from './tail.ts';
import { newCounts } from './trigger-counts.ts';
import { pause } from './wait.ts';

const STORE_RETRY_MS = 1_000;

/** Gives an event that its subscriber did not take to the dead letter sink, or keeps it in the local store. */
export async function deadLetter(
  failure: Failure,
  decoded: DecodedEvent,
  span: Span,
  delivery: Delivery,
  ports: DeliveryPorts,
): Promise<void> {
  const { config, counts } = delivery;
  const { answer } = failure.attempt;
  const attributes = deadLetterAttributes({ url: failure.target.url, ...answer });
  span.setStatus({ code: SpanStatusCode.ERROR, message: failure.reason });
  counts.deadLettered += 1;
  observeFailure(failure, delivery, ports);
  const sinkFailure = await toSink(
    { event: { ...decoded.event, ...attributes }, payload: decoded.payload },
    delivery,
    ports,
  );
  if (sinkFailure === undefined) return;
  counts.lost += 1;
  reportLoss(sinkFailure, delivery, ports);
  const reason = config.deadLetterSink ? 'sink-failed' : 'no-sink';
  await keep(letterOf(delivery, attributes, reason), delivery.stopping, ports);
}

/** Undefined when the dead letter sink took the event; else why not. */
function toSink(decoded: DecodedEvent, delivery: Delivery, ports: DeliveryPorts): Promise<string | undefined> {
  const { deadLetterSink, name } = delivery.config;
  if (!deadLetterSink) return Promise.resolve('no dead letter sink is set');
  const options = { kind: SpanKind.CLIENT, attributes: eventAttributes(decoded) };
  return inSpan(ports.tracer, `dead-letter ${name}`, options, async (span) => {
    // The tail and the counts tell of the Trigger's own deliveries, not of those to its sink.
    const unseen = { ...ports, tail: createTail() };
    const failure = await sendTo(deadLetterSink, decoded, span, { ...delivery, counts: newCounts() }, unseen);
    if (!failure) return undefined;
    span.setStatus({ code: SpanStatusCode.ERROR, message: failure.reason });
    ports.traps.report(22, name, `the dead letter sink ${failure.reason}`);
    return `the dead letter sink ${failure.reason}`;
  });
}

function reportLoss(why: string, { config, decoded, record }: Delivery, { traps, logger }: DeliveryPorts): void {
  const { id, type, source } = decoded.event;
  const detail = `${type} (${id}) could not be delivered and ${why}; it is kept in the local dead letter store`;
  traps.report(11, config.name, detail);
  const fields = { trigger: config.name, id, source, type, topic: record.topic, offset: String(record.offset) };
  logger.error(fields, `a cluster would have lost this event: ${why}`);
}

function letterOf(
  { config, record, decoded }: Delivery,
  attributes: Readonly<Record<string, string>>,
  reason: DeadLetter['reason'],
): DeadLetter {
  const { topic, partition, offset, headers, value } = record;
  const { id: eventId, type: eventType } = decoded.event;
  const { namespace, name: trigger } = config;
  return { namespace, trigger, topic, partition, offset, eventId, eventType, headers, value, attributes, reason };
}

/** Keeps a record that the runtime itself could not handle, so that its partition goes on and the event is not lost. */
export function keepUnhandled(delivery: Delivery, reason: string, ports: DeliveryPorts): Promise<void> {
  delivery.counts.deadLettered += 1;
  const { subscriber, namespace } = delivery.config;
  const { url } = resolveDestination(subscriber, namespace, (name) => ports.serving.has(name));
  const attributes = { knativeerrordest: url, ebberror: reason };
  return keep(letterOf(delivery, attributes, 'internal-error'), delivery.stopping, ports);
}

/** Keeps a record of a topic that is no CloudEvent: once, however many Triggers meet it, named as a KafkaSource names such records. */
export function keepForeign(
  { topic, partition, offset, headers, value }: StoredRecord,
  namespace: string,
  stopping: AbortSignal,
  ports: Pick<DeliveryPorts, 'deadLetters' | 'logger'>,
): Promise<void> {
  const [eventId, eventType] = [`partition:${partition}/offset:${offset}`, 'dev.knative.kafka.event'];
  const what = { namespace, trigger: '', topic, partition, offset, eventId, eventType, headers, value };
  return keep({ ...what, attributes: {}, reason: 'no-event' }, stopping, ports);
}

/** Tries until the store has it: giving up would be the loss that the store is there to prevent. */
async function keep(
  letter: DeadLetter,
  stopping: AbortSignal,
  { deadLetters, logger }: Pick<DeliveryPorts, 'deadLetters' | 'logger'>,
): Promise<void> {
  for (;;) {
    try {
      await deadLetters.add(letter);
      return;
    } catch (error) {
      logger.error({ trigger: letter.trigger, reason: messageOf(error) }, 'a dead letter could not be kept; trying on');
      await pause(STORE_RETRY_MS, stopping);
    }
  }
}
