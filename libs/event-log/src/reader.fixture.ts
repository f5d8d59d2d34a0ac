import type { Consumption, ConsumeOptions, PartitionReader } from './consumption.ts';
import type { EventLog, Offsets, StoredRecord } from './event-log.ts';

export interface TestReader {
  readonly consumption: Consumption;
  /** What was taken so far. */
  readonly records: readonly StoredRecord[];
  /** Where the partitions that it has began. */
  starts(): Offsets;
  /** Up to where it has taken the partitions that it has. */
  positions(): Offsets;
  readonly partition: (number: number) => PartitionReader;
  /** Those that were taken away and not given back are not among them. */
  assigned(): readonly number[];
  readonly close: () => Promise<void>;
}

export interface TestReaderOptions extends Pick<ConsumeOptions, 'group' | 'from'> {
  /** Records of one take. */
  readonly atOnce?: number;
  /** Nothing is taken by itself. */
  readonly isManual?: boolean;
}

/** Takes everything that comes. */
export async function startReader(
  log: Pick<EventLog, 'consume'>,
  topic: string,
  { atOnce = 100, isManual = false, ...options }: TestReaderOptions = {},
): Promise<TestReader> {
  const records: StoredRecord[] = [];
  const partitions = new Map<number, PartitionReader>();
  const loops: Promise<void>[] = [];
  const takeAll = async (reader: PartitionReader): Promise<void> => {
    for (;;) {
      if (reader.signal.aborted) return;
      try {
        await reader.ready();
        const taken = await reader.take(atOnce);
        records.push(...taken);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const consumption = await log.consume({
    topic,
    ...options,
    onPartition: (reader) => {
      partitions.set(reader.partition, reader);
      if (!isManual) loops.push(takeAll(reader));
    },
  });
  return {
    consumption,
    records,
    starts: () => new Map([...partitions].map(([partition, { start }]) => [partition, start])),
    positions: () =>
      new Map(
        [...partitions.values()]
          .filter(({ signal }) => !signal.aborted)
          .map(({ partition, position }) => [partition, position]),
      ),
    partition: (number) => partitions.get(number)!,
    assigned: () => [...partitions.values()].filter(({ signal }) => !signal.aborted).map(({ partition }) => partition),
    close: async () => {
      await consumption.close();
      await Promise.all(loops);
    },
  };
}
