import type { DeliveryPorts } from './delivery.ts';
import type { TopicWatcher } from './topic-watcher.ts';
import type { TriggerConfig } from './trigger-config.ts';

/**
 * Where a Trigger starts in each partition: at its committed offsets, or at the end of the topic when its group is new.
 * A new group's start is committed at once, so that an event published after this resolves is delivered even if the runtime
 * dies before the first regular commit.
 * @throws when the log cannot be read
 */
export async function startOffsets(
  { group, topic, name }: TriggerConfig,
  watcher: TopicWatcher,
  { log, logger }: DeliveryPorts,
): Promise<ReadonlyMap<number, bigint>> {
  const ends = await watcher.refresh();
  const [committed, begins] = await Promise.all([log.committed(group, topic), log.beginOffsets(topic)]);
  const isNew = committed.size === 0;
  const starts = new Map<number, bigint>();
  for (const [partition, end] of ends) {
    const begin = begins.get(partition) ?? 0n;
    // A partition that a known group has never seen was added later: its events are all new to the Trigger.
    const start = committed.get(partition) ?? (isNew ? end : begin);
    if (start < begin) {
      const fields = { trigger: name, topic, partition, events: String(begin - start) };
      logger.error(fields, 'events were trimmed from the log before this Trigger read them');
    }
    starts.set(partition, start < begin ? begin : start);
  }
  if (isNew) await log.commit(group, topic, starts);
  return starts;
}
