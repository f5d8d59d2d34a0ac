import { setMaxListeners } from 'node:events';
import { messageOf } from '@ebb/core';
import type { PartitionReader, StoredRecord } from '@ebb/event-log';
import { fromRecord, type CloudEvent, type DecodedEvent } from '@ebb/events';
import { withKafka } from './open.ts';

const READ_RECORDS = 100;
/** Larger data is told by its size only. */
const MAX_SHOWN_BYTES = 65_536;

/** A record of a topic: the event that it holds, or why it holds none. */
export type KafkaEntry = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly at: number;
  readonly key: string | null;
} & ({ readonly event: CloudEvent } | { readonly noEvent: string; readonly bytes: number });

export interface KafkaTail {
  readonly address: string;
  readonly topic: string;
  readonly from: 'begin' | 'end';
  readonly signal: AbortSignal;
  readonly show: (entry: KafkaEntry) => void;
}

/** Shows what is in a topic of a Kafka, and what comes, until the signal is aborted. It reads by itself: no group of anybody's is touched. */
export async function tailKafka({ address, topic, from, signal, show }: KafkaTail): Promise<void> {
  await withKafka(address, async (log) => {
    // A topic may have many partitions, and each of them listens.
    setMaxListeners(0, signal);
    const onPartition = (reader: PartitionReader): void => void readPartition(reader, signal, show);
    const consumption = await log.consume({ topic, from, onPartition });
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await consumption.close();
  });
}

async function readPartition(reader: PartitionReader, signal: AbortSignal, show: KafkaTail['show']): Promise<void> {
  while (!reader.signal.aborted && !signal.aborted) {
    try {
      await reader.ready(signal);
    } catch {
      // It ended, or another has the partition.
      return;
    }
    for (const record of await reader.take(READ_RECORDS)) show(entryOf(record));
  }
}

function entryOf(record: StoredRecord): KafkaEntry {
  const { topic, partition, offset, timestampMs: at, key, value } = record;
  const place = { topic, partition, offset: String(offset), at, key };
  try {
    return { ...place, event: showable(fromRecord(record)) };
  } catch (error) {
    return { ...place, noEvent: messageOf(error), bytes: value?.length ?? 0 };
  }
}

function showable({ event, payload }: DecodedEvent): CloudEvent {
  const bytes = payload?.length ?? 0;
  const isLong = bytes > MAX_SHOWN_BYTES || event.data instanceof Uint8Array;
  return isLong ? { ...event, data: `(${bytes} bytes)` } : event;
}
