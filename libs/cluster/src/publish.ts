import { randomBytes } from 'node:crypto';
import { text as textOf } from 'node:stream/consumers';
import type { CatalogueEntry } from '@ebb/catalogue';
import { EbbError, HttpProblem, newId, valueAtPointer, type Json } from '@ebb/core';
import { encodeBinary, type CloudEvent } from '@ebb/events';
import { topicName } from '@ebb/knative';
import { createSchemaCheck, type PublishReceipt, type PublishRequest } from '@ebb/local/client';
import { ClusterError } from './errors.ts';
import type { Forward } from './kube/forward.ts';
import type { Broker } from './resources/resources.ts';

type Declared = CatalogueEntry['events'][number];

/** The source of events that a person publishes by hand. */
const DEFAULT_SOURCE = '/ebb/publish';
const ACCEPTED = 202;

export interface PublishOptions {
  /** To the Brokers' ingress. */
  readonly ingress: Forward;
  readonly namespace: string;
  /** Those of the namespace. */
  readonly brokers: readonly Broker[];
  readonly entries: readonly CatalogueEntry[];
}

/**
 * Publishes an event as any producer does: over HTTP, at the ingress of the Broker that is on its topic.
 * @throws EbbError EBB_USAGE for an unknown type or without data, ClusterError when the ingress does not accept it
 */
export async function publish(
  request: PublishRequest,
  { ingress, namespace, brokers, entries }: PublishOptions,
): Promise<PublishReceipt> {
  const schemas = createSchemaCheck(() => entries);
  const declared = await orUsage(() => schemas.declared(request.type));
  const traceId = randomBytes(16).toString('hex');
  const event = eventOf(request, declared, traceId);
  await orUsage(() => schemas.checkData(event.type, event.data as Json));
  const broker = brokerOn(declared.topic, brokers, namespace);
  const { headers, body } = encodeBinary(event);
  const response = await ingress.request({
    method: 'POST',
    path: `/${namespace}/${broker}`,
    headers: {
      ...headers,
      // The ingress goes by the header of HTTP, functions by the event's attribute: both have to be there.
      ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
      ...(body && { 'content-length': String(body.length) }),
    },
    ...(body && { body }),
  });
  const status = response.statusCode ?? 0;
  const text = await textOf(response);
  if (status !== ACCEPTED) throw refused(status, text, broker, namespace);
  const { id, source, type, subject } = event;
  return { id, source, type, subject, topic: declared.topic, traceId };
}

/** @throws ClusterError when there is none */
function brokerOn(topic: string, brokers: readonly Broker[], namespace: string): string {
  const broker = brokers.find((candidate) => topicName(candidate) === topic);
  if (broker) return broker.metadata.name;
  throw new ClusterError(`no Broker in namespace "${namespace}" is on the topic ${topic}`);
}

/** What the schemas refuse is the mistake of whoever publishes. */
async function orUsage<T>(check: () => T | Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    const violations = (error.problem.violations ?? []).map(
      ({ path, message }) => `\n  ${path || '(root)'} ${message}`,
    );
    throw new EbbError('EBB_USAGE', `${error.message}${violations.join('')}`, { cause: error });
  }
}

function eventOf(request: PublishRequest, declared: Declared, traceId: string): CloudEvent {
  const { id = newId(), source = DEFAULT_SOURCE, type } = request;
  const data = request.example ? declared.example : request.data;
  if (data === undefined) throw new EbbError('EBB_USAGE', `${type} needs data: give --data, --file or --example`);
  const subject = request.subject ?? keyOf(declared, data);
  return {
    specversion: '1.0',
    id,
    source,
    type,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    // Without one it would be delivered with the trace of another event (trap 17).
    traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
    ...(subject !== undefined && { subject, partitionkey: subject }),
    data,
  };
}

function keyOf({ key }: Declared, data: Json): string | undefined {
  const value = key === undefined ? undefined : valueAtPointer(data, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const MEANINGS: Readonly<Record<number, string>> = {
  404: 'it knows no such Broker',
  503: 'Kafka did not take it, or it is over 1 MiB',
};

function refused(status: number, text: string, broker: string, namespace: string): ClusterError {
  const meaning = MEANINGS[status] ?? (text.trim().slice(0, 300) || 'without a reason');
  return new ClusterError(
    `the ingress did not accept the event for Broker ${namespace}/${broker} (${status}): ${meaning}`,
    {
      status,
    },
  );
}
