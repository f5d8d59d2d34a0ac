import { messageOf, systemClock, type Logger, type Secret } from '@ebb/core';
import type { EventLog, TopicInfo } from '@ebb/event-log';
import { openEventLog } from '@ebb/kafka';

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

export interface OpenLogOptions {
  readonly url: Secret;
  /** The topics to look at; all of them where none is named. */
  readonly topics: readonly string[];
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onAway: (error: unknown) => void;
}

export interface OpenedLog {
  readonly log: EventLog;
  readonly topics: readonly TopicInfo[];
}

/** Waits until the log can be reached; undefined when it was told to stop before that. */
export async function openLog(options: OpenLogOptions): Promise<OpenedLog | undefined> {
  const { logger, signal, onAway } = options;
  for (let retryMs = FIRST_RETRY_MS; !signal.aborted; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
    try {
      return await openOnce(options);
    } catch (error) {
      onAway(error);
      if (retryMs === FIRST_RETRY_MS) {
        logger.warn({ err: error }, `the event log is away, events wait in their outboxes: ${messageOf(error)}`);
      }
      await systemClock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
  return undefined;
}

async function openOnce({ url, topics: names, logger }: OpenLogOptions): Promise<OpenedLog> {
  const log = await openEventLog({ url: url.reveal(), logger });
  try {
    return { log, topics: await log.topics(names.length === 0 ? undefined : names) };
  } catch (error) {
    await log.close();
    throw error;
  }
}
