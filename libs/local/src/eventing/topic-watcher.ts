import { deferred, messageOf, type Deferred, type Logger } from '@ebb/core';
import type { EventLog } from '@ebb/event-log';
import { orAborted } from './wait.ts';

const FASTEST_POLL_MS = 50;
const SLOWEST_POLL_MS = 1_000;

/**
 * Knows how far a topic reaches. One watcher serves all Triggers of a topic, so an idle topic costs one small query per
 * second however many Triggers read it.
 */
export interface TopicWatcher {
  /** End offset per partition, as last seen; empty before the first look. */
  readonly ends: ReadonlyMap<number, bigint>;
  /** Resolves when the partition holds a record at `offset` or later; rejects when the signal is aborted. */
  beyond(partition: number, offset: bigint, signal: AbortSignal): Promise<void>;
  /** Looks at once, and resolves when it has. Rejects when the log cannot be read. */
  refresh(): Promise<ReadonlyMap<number, bigint>>;
  stop(): void;
}

/** Watches with a wake hint and adaptive polling (50 ms – 1 s): a lost hint costs a second at most. */
export function watchTopic({ log, topic, logger }: { log: EventLog; topic: string; logger: Logger }): TopicWatcher {
  let ends: ReadonlyMap<number, bigint> = new Map();
  let changed: Deferred<void> = deferred();
  let stopped = false;
  let hinted = false;
  let timer: NodeJS.Timeout | undefined;
  let wake: (() => void) | undefined;

  const hint = (): void => {
    hinted = true;
    wake?.();
  };
  const release = log.onAppend((appended) => {
    if (appended === topic) hint();
  });

  const look = async (): Promise<boolean> => {
    const seen = await log.endOffsets(topic);
    const grew = [...seen].some(([partition, end]) => end !== ends.get(partition));
    if (!grew) return false;
    ends = seen;
    changed.resolve();
    changed = deferred();
    return true;
  };
  const isStopped = (): boolean => stopped;
  const pause = async (ms: number): Promise<void> => {
    if (hinted || stopped) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    wake = undefined;
  };
  const run = async (): Promise<void> => {
    let pollMs = FASTEST_POLL_MS;
    let failing = false;
    while (!isStopped()) {
      hinted = false;
      try {
        pollMs = (await look()) ? FASTEST_POLL_MS : Math.min(pollMs * 2, SLOWEST_POLL_MS);
        if (failing) logger.info({ topic }, 'the event log answers again');
        failing = false;
      } catch (error) {
        if (!failing && !isStopped())
          logger.error({ topic, reason: messageOf(error) }, 'the event log does not answer; trying on');
        failing = true;
        pollMs = Math.min(pollMs * 2, SLOWEST_POLL_MS);
      }
      await pause(pollMs);
    }
  };
  void run();

  return {
    get ends() {
      return ends;
    },
    async beyond(partition, offset, signal) {
      while ((ends.get(partition) ?? 0n) <= offset) {
        await orAborted(changed.promise, signal);
      }
      signal.throwIfAborted();
    },
    async refresh() {
      await look();
      return ends;
    },
    stop() {
      stopped = true;
      release();
      wake?.();
    },
  };
}
