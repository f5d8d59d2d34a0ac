import { readAll, type EventLog, type StoredRecord } from '@ebb/event-log';
import type { ObservedEvent } from './observed.ts';

/** Every record of every topic, each partition in its order. The headers are read by hand: the codec is part of what is judged. */
export async function readLog(log: EventLog): Promise<readonly ObservedEvent[]> {
  const events: ObservedEvent[] = [];
  for (const { name } of await log.topics()) {
    for (const record of await readAll(log, name)) events.push(eventOf(record));
  }
  return events;
}

function eventOf({ topic, headers }: StoredRecord): ObservedEvent {
  return {
    topic,
    source: headers.ce_source ?? '',
    id: headers.ce_id ?? '',
    type: headers.ce_type ?? '',
    subject: headers.ce_subject,
  };
}
