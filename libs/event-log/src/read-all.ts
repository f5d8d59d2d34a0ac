import type { PartitionReader } from './consumption.ts';
import type { EventLog, StoredRecord } from './event-log.ts';

const TAKE = 500;

/** Everything that a topic holds now, partition by partition. */
export async function readAll(
  log: Pick<EventLog, 'consume' | 'beginOffsets' | 'endOffsets'>,
  topic: string,
): Promise<readonly StoredRecord[]> {
  const [begins, ends] = await Promise.all([log.beginOffsets(topic), log.endOffsets(topic)]);
  const readers = new Map<number, PartitionReader>();
  const consumption = await log.consume({
    topic,
    from: 'begin',
    onPartition: (reader) => readers.set(reader.partition, reader),
  });
  try {
    const partitions = [...ends].filter(([partition, end]) => end > (begins.get(partition) ?? 0n));
    const read = partitions.map(([partition, end]) => readUntil(readers.get(partition), end));
    return (await Promise.all(read)).flat();
  } finally {
    await consumption.close();
  }
}

async function readUntil(reader: PartitionReader | undefined, end: bigint): Promise<readonly StoredRecord[]> {
  const records: StoredRecord[] = [];
  while (reader && reader.position < end) {
    await reader.ready();
    const taken = await reader.take(TAKE);
    records.push(...taken.filter(({ offset }) => offset < end));
  }
  return records;
}
