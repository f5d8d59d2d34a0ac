import { EbbError, messageOf, parseJson, valueAtPointer, type Json } from '@ebb/core';
import { CloudEventError, type CloudEvent } from '@ebb/events';

/** What the catalogue knows of the type that a webhook becomes. */
export interface KnownEvent {
  readonly topic: string;
  /** Where in the data the key stands, as JSON Pointer. */
  readonly key?: string;
}

export interface WebhookDelivery {
  readonly type: string;
  /** The path that it came to. */
  readonly source: string;
  readonly id: string;
  readonly timestamp: string;
  readonly body: Buffer;
  readonly traceparent: string;
}

/**
 * The CloudEvent of a webhook. One that is sent again has the same id and the same source, so that it takes effect once.
 * @throws EbbError EBB_CLOUDEVENT or EBB_JSON, saying what the sender has to change
 */
export function webhookEvent({ key }: KnownEvent, delivery: WebhookDelivery): CloudEvent {
  const { type, source, id, timestamp, body, traceparent } = delivery;
  const data = dataOf(body);
  const subject = key === undefined ? undefined : keyAt(data, key);
  return {
    specversion: '1.0',
    id,
    source,
    type,
    time: new Date(Number(timestamp) * 1_000).toISOString(),
    datacontenttype: 'application/json',
    traceparent,
    data,
    ...(subject !== undefined && { subject, partitionkey: subject }),
  };
}

function dataOf(body: Buffer): Json {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    if (error instanceof EbbError) throw error;
    throw new EbbError('EBB_JSON', `the body is no UTF-8: ${messageOf(error)}`);
  }
}

/** The order of events holds per key: without one it would be lost, so what has none is refused. */
function keyAt(data: Json, pointer: string): string {
  const value = valueAtPointer(data, pointer);
  if (typeof value === 'string' && value !== '') return value;
  throw new CloudEventError(`the data has no text at ${pointer}, which is its key`);
}
