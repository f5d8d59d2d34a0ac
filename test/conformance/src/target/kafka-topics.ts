import { messageOf, silentLogger } from '@ebb/core';
import type { Consumption, EventLog, PartitionReader, StoredRecord } from '@ebb/event-log';
import { fromRecord, toRecord, type CloudEvent } from '@ebb/events';
import { kafkaAddress, openKafkaLog, parseKafkaUrl } from '@ebb/kafka';
import { BrokenLink } from './broken-link.ts';
import type { Hints, Sighting, TriggerState } from './target.ts';

const TAKE = 100;

/** The topics of a Kafka, as anybody reads and writes them. */
export interface KafkaTopics {
  publish(topic: string, event: CloudEvent): Promise<undefined>;
  watch(topics: readonly string[], onEvent: (sighting: Sighting) => void): Promise<{ close(): Promise<void> }>;
  /** How far the consumer group of a Trigger has come, by what it committed: every few seconds. */
  groupState(group: string, event: Sighting): Promise<TriggerState>;
  close(): Promise<void>;
}

/** @throws BrokenLink topic when it cannot be reached */
export async function openKafkaTopics(url: string, hints: Hints): Promise<KafkaTopics> {
  const log = await openKafkaLog({ url, logger: silentLogger }).catch((error: unknown) => {
    const where = kafkaAddress(parseKafkaUrl(url));
    throw new BrokenLink('topic', `Kafka at ${where} cannot be reached: ${messageOf(error)}`, [], { cause: error });
  });
  const within = <T>(topic: string, work: () => Promise<T>): Promise<T> =>
    work().catch((error: unknown) => {
      throw new BrokenLink('topic', messageOf(error), hints.topic(topic), { cause: error });
    });
  return {
    async publish(topic, event) {
      const { key, headers, value } = toRecord(event);
      const { traceparent } = event;
      const hop = { ...headers, ...(traceparent !== undefined && { traceparent }) };
      await within(topic, () => log.append(topic, [{ key, headers: hop, value }]));
      return undefined;
    },
    async watch(topics, onEvent) {
      const open: Consumption[] = [];
      for (const topic of topics) {
        const onPartition = (reader: PartitionReader): void => void readAlong(reader, onEvent);
        open.push(await within(topic, () => log.consume({ topic, onPartition })));
      }
      return {
        async close() {
          await Promise.allSettled(open.map((consumption) => consumption.close()));
        },
      };
    },
    groupState: (group, event) => groupState(log, group, event),
    close: () => log.close(),
  };
}

async function readAlong(reader: PartitionReader, onEvent: (sighting: Sighting) => void): Promise<void> {
  while (!reader.signal.aborted) {
    try {
      await reader.ready();
      for (const record of await reader.take(TAKE)) {
        const sighting = sightingOf(record);
        if (sighting) onEvent(sighting);
      }
    } catch {
      // It ended, or another has the partition.
      return;
    }
  }
}

function sightingOf(record: StoredRecord): Sighting | undefined {
  try {
    const { id, type, subject, traceparent } = fromRecord(record).event;
    const traceId = traceparent?.split('-')[1];
    return {
      topic: record.topic,
      id,
      type,
      at: { partition: record.partition, offset: record.offset },
      ...(subject !== undefined && { subject }),
      ...(traceId !== undefined && { traceId }),
    };
  } catch {
    // Somebody else's, and no event.
    return undefined;
  }
}

async function groupState(log: EventLog, group: string, { topic, at }: Sighting): Promise<TriggerState> {
  try {
    const committed = await log.committed(group, topic);
    if (committed.size === 0) return 'missing';
    if (!at) return 'unknown';
    return (committed.get(at.partition) ?? 0n) > at.offset ? 'past' : 'behind';
  } catch {
    return 'unknown';
  }
}
