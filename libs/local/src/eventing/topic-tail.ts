import { type Json, type Logger, messageOf } from '@ebb/core';
import type { Consumption, EventLog, PartitionReader, StoredRecord } from '@ebb/event-log';
import { parseTraceparent } from '@ebb/telemetry';
import type { TailEvent } from '../control/api.ts';
import { eventOfRecord } from './record-event.ts';
import type { Tail } from './tail.ts';
import { pause } from './wait.ts';

const READ_RECORDS = 100;
const RETRY_MS = 500;
/** Larger data is told by its size only. */
const MAX_SHOWN_BYTES = 65_536;

export interface TopicTailOptions {
  readonly log: EventLog;
  readonly tail: Tail;
  readonly logger: Logger;
  readonly topics: () => readonly string[];
}

/**
 * Shows what arrives in the topics, by whatever way it came: through the ingress, from a relay, as a reply.
 * Reads only while somebody watches, from the end of each topic.
 */
export interface TopicTail {
  /** Also reads topics that are new since the last call. */
  refresh(): void;
  stop(): Promise<void>;
}

export function createTopicTail(options: TopicTailOptions): TopicTail {
  const { tail, topics } = options;
  const reading = new Map<string, AbortController>();
  const ending = new Set<Promise<void>>();
  const end = (): void => {
    for (const reader of reading.values()) reader.abort(new Error('nobody watches any more'));
    reading.clear();
  };
  const refresh = (): void => {
    if (!tail.watched) return;
    for (const topic of topics()) {
      if (reading.has(topic)) continue;
      const reader = new AbortController();
      reading.set(topic, reader);
      const ended = readTopic(topic, options, reader.signal).finally(() => ending.delete(ended));
      ending.add(ended);
    }
  };
  const release = tail.onWatched((watched) => (watched ? refresh() : end()));
  return {
    refresh,
    async stop() {
      release();
      end();
      await Promise.all(ending);
    },
  };
}

/** Reads until the signal is aborted. Never rejects. */
async function readTopic(topic: string, options: TopicTailOptions, signal: AbortSignal): Promise<void> {
  const onPartition = (reader: PartitionReader): void => void readPartition(reader, options);
  const consumption = await untilDone(() => options.log.consume({ topic, onPartition }), options, signal);
  if (!consumption) return;
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await closed(consumption, options);
}

async function readPartition(reader: PartitionReader, options: TopicTailOptions): Promise<void> {
  const take = async (): Promise<readonly StoredRecord[]> => {
    await reader.ready();
    return reader.take(READ_RECORDS);
  };
  while (!reader.signal.aborted) {
    for (const record of (await untilDone(take, options, reader.signal)) ?? []) {
      const entry = entryOf(record);
      if (entry) options.tail.publish(entry);
    }
  }
}

async function closed(consumption: Consumption, { logger }: TopicTailOptions): Promise<void> {
  await consumption.close().catch((error: unknown) => {
    logger.debug({ reason: messageOf(error) }, 'a reader of the tail could not be closed');
  });
}

/** Tries until it works; undefined when the reader ended first. */
async function untilDone<T>(
  attempt: () => Promise<T>,
  { logger }: TopicTailOptions,
  signal: AbortSignal,
): Promise<T | undefined> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted) return undefined;
      logger.debug({ reason: messageOf(error) }, 'the log cannot be tailed; trying on');
      await pause(RETRY_MS, signal).catch(() => undefined);
    }
  }
}

function entryOf(record: StoredRecord): TailEvent | undefined {
  const decoded = eventOfRecord(record);
  if (!decoded) return undefined;
  const { id, source, type, subject, traceparent, data } = decoded.event;
  const traceId = parseTraceparent(traceparent)?.traceId ?? parseTraceparent(record.headers.traceparent)?.traceId;
  return {
    kind: 'received',
    at: record.timestampMs,
    topic: record.topic,
    partition: record.partition,
    offset: String(record.offset),
    id,
    source,
    type,
    ...(subject !== undefined && { subject }),
    ...(traceId !== undefined && { traceId }),
    data: showable(data, record.value?.length ?? 0),
  };
}

/** What waits for a slow listener is bounded in number; this bounds each. */
function showable(data: unknown, bytes: number): Json {
  if (data === undefined) return null;
  return data instanceof Uint8Array || bytes > MAX_SHOWN_BYTES ? `(${bytes} bytes)` : (data as Json);
}
