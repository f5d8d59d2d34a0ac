import type { CloudEvent } from '@ebb/events';

/** An event that waits in an outbox. */
export interface PendingEvent {
  readonly id: string;
  readonly topic: string;
  readonly event: CloudEvent;
}

/** A row as it is read; the driver has parsed the JSON. */
export interface OutboxEventRow {
  readonly id: string;
  readonly topic: string;
  readonly event: Readonly<Record<string, unknown>>;
}

/** Written by `enqueue` in the CloudEvents JSON format, so it need not be checked as what comes from outside is. */
export function pendingEventOf({ id, topic, event }: OutboxEventRow): PendingEvent {
  const { data_base64: base64, ...attributes } = event;
  const data = typeof base64 === 'string' ? { data: Buffer.from(base64, 'base64') } : {};
  return { id, topic, event: { ...attributes, ...data } as unknown as CloudEvent };
}
