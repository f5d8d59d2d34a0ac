import type { CloudEvent } from '@ebb/events';
import type { OutboxEvent } from '../database.ts';

/** The platform's topic, and broker, for events that are sent again to one function. */
export const REDELIVERY_TOPIC = 'redelivery';
/** The extension that names whom a redelivery is for: "service/function". */
export const TARGET_ATTRIBUTE = 'ebbtarget';
/** The extension that says how often a person has sent the event again. */
export const REDRIVE_COUNT_ATTRIBUTE = 'redrivecount';

export function targetOf(service: string, fn: string): string {
  return `${service}/${fn}`;
}

/**
 * The event again, for one function alone: same id, source and partition key, so that its inbox knows it.
 * `redriveCount` is how often a person has sent it again; without it none did.
 */
export function redeliveryOf(event: CloudEvent, target: string, redriveCount = 0): OutboxEvent {
  return {
    topic: REDELIVERY_TOPIC,
    event: {
      ...withoutRedelivery(event),
      [TARGET_ATTRIBUTE]: target,
      ...(redriveCount > 0 && { [REDRIVE_COUNT_ATTRIBUTE]: redriveCount }),
    },
  };
}

const ADDED = new Set([TARGET_ATTRIBUTE, REDRIVE_COUNT_ATTRIBUTE, 'knativekafkapartition', 'knativekafkaoffset']);

/** The event as it was published first, without what a redelivery and its way through the log added. */
export function withoutRedelivery(event: CloudEvent): CloudEvent {
  return Object.fromEntries(Object.entries(event).filter(([name]) => !ADDED.has(name))) as CloudEvent;
}
