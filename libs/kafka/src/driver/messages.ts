import type { LogRecord, StoredRecord } from '@ebb/event-log';
import type { IHeaders, KafkaMessage, Message } from 'kafkajs';

/** A record on its way to the partition that was chosen for it. */
export function messageOf({ key, headers, value }: LogRecord, partition: number): Message {
  return { key, headers, value, partition };
}

/** A record of anybody's: keys and headers are text, the value is kept byte for byte. */
export function storedRecord(topic: string, partition: number, message: KafkaMessage): StoredRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key?.toString('utf8') ?? null,
    headers: headersOf(message.headers ?? {}),
    value: message.value,
  };
}

/** Of a header that is there more than once the last counts, as in the other SDKs of CloudEvents; a header without a value is none. */
function headersOf(headers: IHeaders): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, given] of Object.entries(headers)) {
    const value = (Array.isArray(given) ? given.at(-1) : given)?.toString();
    if (value !== undefined) texts[name] = value;
  }
  return texts;
}
