import { KafkaJSError } from 'kafkajs';

/** What the broker said, wherever in the chain of causes it is: `UNKNOWN_TOPIC_OR_PARTITION` and the like. */
export function protocolErrorOf(error: unknown): string | undefined {
  for (const each of causesOf(error)) {
    if ('type' in each && typeof each.type === 'string') return each.type;
  }
  return undefined;
}

/** A record, or the batch that it is in, is more than the topic takes: its own limit may be lower than the usual one. */
export function isTooLarge(error: unknown): boolean {
  return ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'].includes(protocolErrorOf(error) ?? '');
}

/** Whether another attempt may succeed without anybody's doing: no connection, no leader, no coordinator yet. */
export function isPassing(error: unknown): boolean {
  const causes = causesOf(error);
  if (protocolErrorOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return false;
  return causes.some((each) => each instanceof KafkaJSError && (each.retriable || OUTAGES.has(each.name)));
}

/** Retriable, although the library says otherwise once it has given up by itself. */
const OUTAGES = new Set([
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSBrokerNotFound',
]);

function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  for (let each = error; each instanceof Error && !causes.includes(each); each = each.cause) causes.push(each);
  return causes;
}
