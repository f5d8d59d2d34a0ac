import { messageOf, systemClock, type Logger } from '@ebb/core';
import { trimInbox, trimOutbox } from '@ebb/postgres';
import type { Pool } from 'pg';

const INTERVAL_MS = 60_000;

export interface HousekeepingOptions {
  readonly pool: Pool;
  readonly schemas: readonly string[];
  /** How long published events are kept. */
  readonly retentionMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Drops deliveries and published events that are past their time, now and then, until the signal is aborted. Never rejects. */
export async function runHousekeeping({
  pool,
  schemas,
  retentionMs,
  logger,
  signal,
}: HousekeepingOptions): Promise<void> {
  const isTime = (): Promise<boolean> =>
    systemClock.sleep(INTERVAL_MS, signal).then(
      () => true,
      () => false,
    );
  while (await isTime()) {
    for (const schema of schemas) {
      try {
        await trimInbox(pool, schema);
        await trimOutbox(pool, schema, { retentionMs });
      } catch (error) {
        logger.info({ schema }, `old rows of "${schema}" stay for now: ${messageOf(error)}`);
      }
    }
  }
}
