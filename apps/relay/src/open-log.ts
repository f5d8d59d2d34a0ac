import { messageOf, systemClock, type Logger, type Secret } from '@ebb/core';
import { openPostgresLog, type EventLog } from '@ebb/event-log';

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

export interface OpenLogOptions {
  readonly url: Secret;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onAway: (error: unknown) => void;
}

/** Waits until the log can be reached; undefined when it was told to stop before that. */
export async function openLog({ url, logger, signal, onAway }: OpenLogOptions): Promise<EventLog | undefined> {
  for (let retryMs = FIRST_RETRY_MS; !signal.aborted; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
    try {
      return await openPostgresLog({ url: url.reveal() });
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
