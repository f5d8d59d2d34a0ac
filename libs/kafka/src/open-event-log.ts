import type { Logger } from '@ebb/core';
import { openPostgresLog, type EventLog } from '@ebb/event-log';
import { isKafkaUrl } from './connection/kafka-url.ts';
import type { KafkaLogOptions } from './driver/kafka-log.ts';

/** The event log in Kafka. @throws when the cluster cannot be reached: one attempt, whoever waits tries again */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  // On demand: who has the log in PostgreSQL need not load the client of another.
  const driver = await import('./driver/kafka-log.ts');
  return driver.openKafkaLog(options);
}

/** The event log that an address names: `kafka://…` or `postgres://…`. @throws when it cannot be reached: one attempt */
export function openEventLog(options: { readonly url: string; readonly logger: Logger }): Promise<EventLog> {
  return isKafkaUrl(options.url) ? openKafkaLog(options) : openPostgresLog(options);
}
