import { HttpProblem, newId, valueAtPointer, type Clock, type Json } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import type { EventEntry } from '@ebb/catalogue';
import type { PublishReceipt, PublishRequest } from '../control/api.ts';
import type { BrokerEntry, BrokerRegistry } from './broker-registry.ts';
import type { Receiver } from './receiver.ts';
import type { SchemaCheck } from './schema-check.ts';
import type { TrapReports } from './trap-reports.ts';

/** The source of events that a person publishes by hand. */
const DEFAULT_SOURCE = '/ebb/publish';

export interface PublisherOptions {
  readonly brokers: BrokerRegistry;
  readonly receiver: Receiver;
  readonly schemas: SchemaCheck;
  readonly traps: TrapReports;
  readonly clock: Clock;
  readonly maxBytes: number;
}

/**
 * Publishes an event by its type alone: the catalogue knows its topic, and its example.
 * @throws HttpProblem 422 for an unknown type or data against the schema, 400 without data, 404 without a Broker, 413
 */
export async function publishByType(request: PublishRequest, options: PublisherOptions): Promise<PublishReceipt> {
  const { brokers, receiver, schemas, clock } = options;
  const startedAtMs = clock.now();
  const declared = schemas.declared(request.type);
  const broker = brokerFor(declared, brokers.list());
  const event = eventOf(request, declared, startedAtMs);
  const payload = Buffer.from(JSON.stringify(event.data));
  checkSize(payload, broker, options);
  if (!broker.enforcesSchemas) await schemas.check(broker, event);
  const { topic, traceId } = await receiver.receive(broker, { event, payload }, { startedAtMs, inProcess: true });
  return { id: event.id, source: event.source, type: event.type, subject: event.subject, topic, traceId };
}

function brokerFor({ type, topic }: EventEntry, brokers: readonly BrokerEntry[]): BrokerEntry {
  const broker = brokers.find((candidate) => candidate.topic === topic);
  if (!broker) throw new HttpProblem(404, `no broker takes events of ${type}: there is none for the topic ${topic}`);
  return broker;
}

function eventOf(request: PublishRequest, declared: EventEntry, nowMs: number): CloudEvent {
  const { id = newId(nowMs), source = DEFAULT_SOURCE, type } = request;
  const data = request.example ? declared.example : request.data;
  if (data === undefined) throw new HttpProblem(400, `${type} needs data: give "data", or "example": true`);
  const subject = request.subject ?? keyOf(declared, data);
  return {
    specversion: '1.0',
    id,
    source,
    type,
    time: new Date(nowMs).toISOString(),
    datacontenttype: 'application/json',
    ...(subject !== undefined && { subject, partitionkey: subject }),
    data,
  };
}

/** The event's key, as its definition would take it from the data. What is no text cannot be one: the schema's check tells. */
function keyOf({ key }: EventEntry, data: Json): string | undefined {
  const value = key === undefined ? undefined : valueAtPointer(data, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function checkSize(payload: Buffer, broker: BrokerEntry, { traps, maxBytes }: PublisherOptions): void {
  if (payload.length <= maxBytes) return;
  traps.report(18, `broker ${broker.name}`, `an event over ${maxBytes} bytes was published`);
  throw new HttpProblem(413, `the data is over ${maxBytes} bytes`);
}
