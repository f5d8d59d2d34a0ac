import { messageOf, type Logger } from '@ebb/core';
import { trimInbox, trimOutbox } from '@ebb/postgres';
import type { Pool } from 'pg';

export interface HousekeepingOptions {
  readonly pool: Pool;
  readonly schemas: readonly string[];
  /** How long published events are kept. */
  readonly retentionMs: number;
  readonly logger: Logger;
}

/** Drops deliveries and published events that are past their time. A schema that is away keeps its own, and no others. */
export async function keepHouse({ pool, schemas, retentionMs, logger }: HousekeepingOptions): Promise<void> {
  for (const schema of schemas) {
    try {
      await trimInbox(pool, schema);
      await trimOutbox(pool, schema, { retentionMs });
    } catch (error) {
      logger.info({ schema }, `old rows of "${schema}" stay for now: ${messageOf(error)}`);
    }
  }
}
