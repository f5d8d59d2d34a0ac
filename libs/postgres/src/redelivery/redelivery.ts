import { REDELIVERY_TOPIC, REDRIVE_COUNT_ATTRIBUTE, TARGET_ATTRIBUTE, type CloudEvent } from '@ebb/events';
import type { OutboxEvent } from '../database.ts';

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
