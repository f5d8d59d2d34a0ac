import { deferred, type Deferred } from '@ebb/core';
import type { EventRecord } from '@ebb/events';
import type { EventLog, Position } from '@ebb/event-log';

const MAX_BATCH_RECORDS = 200;
const MAX_BATCH_BYTES = 4_194_304;

interface Waiting {
  readonly record: EventRecord;
  readonly stored: Deferred<Position>;
}

/**
 * Appends records one by one for its callers, and together for the log: what arrives while an append is under way goes with
 * the next one. A commit to disk costs the same for one record as for many, and partitions take one commit at a time.
 */
export interface Appender {
  /** Resolves when the record is durable. @throws what the log throws, for every record of the same append */
  append(topic: string, record: EventRecord): Promise<Position>;
}

export function createAppender(log: EventLog): Appender {
  const queues = new Map<string, Waiting[]>();
  const drain = async (topic: string, queue: Waiting[]): Promise<void> => {
    while (queue.length > 0) await store(log, topic, nextBatch(queue));
    queues.delete(topic);
  };
  return {
    append(topic, record) {
      const stored = deferred<Position>();
      const queue = queues.get(topic);
      if (queue) {
        queue.push({ record, stored });
        return stored.promise;
      }
      const fresh = [{ record, stored }];
      queues.set(topic, fresh);
      void drain(topic, fresh);
      return stored.promise;
    },
  };
}

function nextBatch(queue: Waiting[]): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const { record } of queue) {
    bytes += record.value?.length ?? 0;
    if (count === MAX_BATCH_RECORDS || (count > 0 && bytes > MAX_BATCH_BYTES)) break;
    count += 1;
  }
  return queue.splice(0, count);
}

async function store(log: EventLog, topic: string, batch: readonly Waiting[]): Promise<void> {
  try {
    const positions = await log.append(
      topic,
      batch.map(({ record }) => record),
    );
    batch.forEach(({ stored }, index) => {
      const position = positions[index];
      if (position) stored.resolve(position);
      else stored.reject(new Error('the log did not say where it stored the record'));
    });
  } catch (error) {
    for (const { stored } of batch) stored.reject(error);
  }
}
