import { messageOf, type Logger } from '@ebb/core';
import { trimInbox, trimOutbox, trimParked, trimSignals } from '@ebb/postgres';
import type { Pool } from 'pg';

export interface HousekeepingOptions {
  readonly pool: Pool;
  readonly schemas: readonly string[];
  /** How long published events are kept. */
  readonly outboxRetentionMs: number;
  /** How long parked events are kept that were closed. */
  readonly parkedRetentionMs: number;
  readonly logger: Logger;
}

/** Drops deliveries, signals, closed parked events and published events that are past their time. A schema that is away keeps its own, and no others. */
export async function keepHouse({
  pool,
  schemas,
  outboxRetentionMs,
  parkedRetentionMs,
  logger,
}: HousekeepingOptions): Promise<void> {
  for (const schema of schemas) {
    try {
      await trimInbox(pool, schema);
      await trimSignals(pool, schema);
      await trimParked(pool, schema, { retentionMs: parkedRetentionMs });
      await trimOutbox(pool, schema, { retentionMs: outboxRetentionMs });
    } catch (error) {
      logger.info({ schema }, `old rows of "${schema}" stay for now: ${messageOf(error)}`);
    }
  }
}
