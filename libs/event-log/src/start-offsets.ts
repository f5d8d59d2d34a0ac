import type { Logger } from '@ebb/core';
import type { ConsumeOptions } from './consumption.ts';
import type { Offsets } from './event-log.ts';

/** What is known of a topic and of the group that is about to read it. */
export interface KnownOffsets {
  readonly begins: Offsets;
  readonly ends: Offsets;
  readonly committed: Offsets;
}

/** Where the partitions of a topic are read from. */
export interface StartOffsets {
  readonly starts: Offsets;
  /** The group never committed: its starts are committed at once, so that no event falls between its first start and its next. */
  readonly isNew: boolean;
}

/** Committed offsets count; what retention took is passed over, and told of. */
export function startOffsets(
  { group, topic, from = 'end' }: Pick<ConsumeOptions, 'group' | 'topic' | 'from'>,
  { begins, ends, committed }: KnownOffsets,
  logger: Logger,
): StartOffsets {
  const isNew = committed.size === 0;
  const starts = new Map<number, bigint>();
  for (const [partition, end] of ends) {
    const begin = begins.get(partition) ?? 0n;
    // A partition that a known group has never seen was added later: all of its events are new to the group.
    const start = committed.get(partition) ?? (isNew && from === 'end' ? end : begin);
    if (start < begin) {
      const fields = { group, topic, partition, events: String(begin - start) };
      logger.error(fields, 'events were trimmed from the log before they were read');
    }
    starts.set(partition, start < begin ? begin : start);
  }
  return { starts, isNew };
}
