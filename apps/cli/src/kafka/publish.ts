import { randomBytes } from 'node:crypto';
import type { CatalogueEntry } from '@ebb/catalogue';
import { EbbError, newId, valueAtPointer, type Json } from '@ebb/core';
import { isUriReference, toRecord, type CloudEvent } from '@ebb/events';
import type { PublishReceipt } from '@ebb/local/client';
import { laptop } from '../target/laptop.ts';
import { withKafka } from './open.ts';

export interface KafkaPublish {
  readonly address: string;
  readonly topic: string | undefined;
  readonly type: string;
  /** The example of the definition where there is none. */
  readonly data: Json | undefined;
  readonly id: string | undefined;
  readonly source: string;
  readonly subject: string | undefined;
}

type Declared = CatalogueEntry['events'][number];

/** Publishes an event straight into a topic of a Kafka. What it leaves open is taken from the definition, where an Ebb runs that has it. */
export async function publishToKafka(publish: KafkaPublish): Promise<PublishReceipt> {
  const declared = await declaredEvent(publish);
  const topic = publish.topic ?? declared?.topic;
  if (topic === undefined) {
    throw new EbbError(
      'EBB_USAGE',
      `no topic is known for ${publish.type}: give --topic, or start Ebb with its definition`,
    );
  }
  const event = eventOf(publish, declared);
  await withKafka(publish.address, (log) => log.append(topic, [toRecord(event)]));
  const { id, source, type, subject, traceparent = '' } = event;
  return { id, source, type, subject, topic, traceId: traceparent.split('-')[1] ?? '' };
}

/** Asked only for what is missing: whoever says everything needs no Ebb. */
async function declaredEvent({ topic, data, type }: KafkaPublish): Promise<Declared | undefined> {
  if (topic !== undefined && data !== undefined) return undefined;
  try {
    const { entries } = await laptop().catalogue();
    return entries.flatMap(({ events }) => events).find((event) => event.type === type);
  } catch (error) {
    if (error instanceof EbbError && error.code === 'EBB_USAGE') return undefined;
    throw error;
  }
}

function eventOf({ type, id, source, subject, data }: KafkaPublish, declared: Declared | undefined): CloudEvent {
  if (!isUriReference(source))
    throw new EbbError('EBB_USAGE', `--source "${source}": must be a URI reference, such as /my/tool`);
  const given = data ?? declared?.example;
  if (given === undefined) throw new EbbError('EBB_USAGE', `no example is known for ${type}: give --data or --file`);
  const taken = declared?.key === undefined ? undefined : valueAtPointer(given, declared.key);
  const key = subject ?? (typeof taken === 'string' && taken !== '' ? taken : undefined);
  return {
    specversion: '1.0',
    id: id ?? newId(),
    source,
    type,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    // Without one it would be delivered with the trace of another event (trap 17).
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
    ...(key !== undefined && { subject: key, partitionkey: key }),
    data: given,
  };
}
