import { openPostgresLog, readAll, type EventLog, type StoredRecord } from '@ebb/event-log';
import { openKafkaLog } from '@ebb/kafka';
import type { ObservedEvent } from './observed.ts';
import type { Target } from './target.ts';

/** The log that a target keeps its events in. */
export function openLog(target: Target): Promise<EventLog> {
  const kafka = target.kafkaPort();
  if (kafka === undefined) return openPostgresLog({ url: target.databaseUrl() });
  return openKafkaLog({ url: `kafka://127.0.0.1:${kafka}` });
}

/** Every record of every topic, each partition in its order. The headers are read by hand: the codec is part of what is judged. */
export async function readLog(log: EventLog): Promise<readonly ObservedEvent[]> {
  const events: ObservedEvent[] = [];
  const topics = await log.topics();
  // Kafka's own begin with two underscores.
  for (const { name } of topics.filter((topic) => !topic.name.startsWith('__'))) {
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
