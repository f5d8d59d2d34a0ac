import { messageOf, systemClock, type Logger } from '@ebb/core';

export interface RepeatOptions {
  readonly everyMs: number;
  /** What it is, for the log. */
  readonly what: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Does something now and then until the signal is aborted. What fails is tried again the next time; never rejects. */
export async function repeat(
  { everyMs, what, logger, signal }: RepeatOptions,
  run: () => Promise<unknown>,
): Promise<void> {
  const isTime = (): Promise<boolean> =>
    systemClock.sleep(everyMs, signal).then(
      () => true,
      () => false,
    );
  while (await isTime()) {
    try {
      await run();
    } catch (error) {
      logger.info({ err: error }, `${what} has to wait: ${messageOf(error)}`);
    }
  }
}
