import { setMaxListeners } from 'node:events';
import { type Json, type Logger, messageOf } from '@ebb/core';
import type { EventLog, StoredRecord } from '@ebb/event-log';
import { parseTraceparent } from '@ebb/telemetry';
import type { TailEvent } from '../control/api.ts';
import { eventOfRecord } from './record-event.ts';
import type { Tail } from './tail.ts';
import type { TopicWatchers } from './topic-watchers.ts';
import { pause } from './wait.ts';

const READ_RECORDS = 100;
const RETRY_MS = 500;
/** Larger data is told by its size only. */
const MAX_SHOWN_BYTES = 65_536;

export interface TopicTailOptions {
  readonly log: EventLog;
  readonly watchers: TopicWatchers;
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
  stop(): void;
}

export function createTopicTail(options: TopicTailOptions): TopicTail {
  const { tail, topics } = options;
  const reading = new Map<string, AbortController>();
  const end = (): void => {
    for (const reader of reading.values()) reader.abort();
    reading.clear();
  };
  const refresh = (): void => {
    if (!tail.watched) return;
    for (const topic of topics()) {
      if (reading.has(topic)) continue;
      const reader = new AbortController();
      // One listener per partition.
      setMaxListeners(0, reader.signal);
      reading.set(topic, reader);
      void readTopic(topic, options, reader.signal);
    }
  };
  const release = tail.onWatched((watched) => (watched ? refresh() : end()));
  return {
    refresh,
    stop() {
      release();
      end();
    },
  };
}

async function readTopic(topic: string, options: TopicTailOptions, signal: AbortSignal): Promise<void> {
  const ends = await untilRead(() => options.watchers.of(topic).refresh(), options, signal);
  await Promise.all([...(ends ?? [])].map(([partition, end]) => readPartition(topic, partition, end, options, signal)));
}

async function readPartition(
  topic: string,
  partition: number,
  from: bigint,
  options: TopicTailOptions,
  signal: AbortSignal,
): Promise<void> {
  const { log, watchers, tail } = options;
  let next = from;
  while (!signal.aborted) {
    const records = await untilRead(
      async () => {
        await watchers.of(topic).beyond(partition, next, signal);
        return log.fetch(topic, partition, next, READ_RECORDS);
      },
      options,
      signal,
    );
    for (const record of records ?? []) {
      const entry = entryOf(record);
      if (entry) tail.publish(entry);
      next = record.offset + 1n;
    }
    if (records?.length === 0) await pause(RETRY_MS, signal).catch(() => undefined);
  }
}

/** Reads until it works; undefined when the reader ended first. */
async function untilRead<T>(
  read: () => Promise<T>,
  { logger }: TopicTailOptions,
  signal: AbortSignal,
): Promise<T | undefined> {
  for (;;) {
    try {
      return await read();
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
