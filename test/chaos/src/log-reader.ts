import type { EventLog, StoredRecord } from '@ebb/event-log';
import type { ObservedEvent } from './observed.ts';

const FETCH_RECORDS = 1_000;

/** Every record of every topic, each partition in its order. The headers are read by hand: the codec is what is being tested. */
export async function readLog(log: EventLog, topics: readonly string[]): Promise<readonly ObservedEvent[]> {
  const events: ObservedEvent[] = [];
  for (const topic of topics) {
    const ends = await log.endOffsets(topic);
    const begins = await log.beginOffsets(topic);
    for (const [partition, end] of ends) {
      let next = begins.get(partition) ?? 0n;
      while (next < end) {
        const records = await log.fetch(topic, partition, next, FETCH_RECORDS);
        const last = records.at(-1);
        if (!last) break;
        events.push(...records.map(eventOf));
        next = last.offset + 1n;
      }
    }
  }
  return events;
}

function eventOf({ headers }: StoredRecord): ObservedEvent {
  return {
    source: headers.ce_source ?? '',
    id: headers.ce_id ?? '',
    type: headers.ce_type ?? '',
    subject: headers.ce_subject,
  };
}
