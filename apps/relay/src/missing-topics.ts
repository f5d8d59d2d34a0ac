import type { Logger } from '@ebb/core';
import type { EventLog } from '@ebb/event-log';
import { putTopicAside, takeTopicBack, topicsAside } from '@ebb/postgres';
import type { Pool } from 'pg';
import type { TopicHealth } from './topic-health.ts';

/** So long a topic may take to be made, before what waits for it is put aside. */
const PATIENCE_MS = 60_000;

export interface MissingTopicsOptions {
  readonly pool: Pool;
  readonly schemas: readonly string[];
  readonly log: Pick<EventLog, 'topics'>;
  readonly health: TopicHealth;
  readonly logger: Logger;
  /** Default 1 minute. */
  readonly patienceMs?: number;
}

/**
 * Puts aside what waits for a topic that does not exist, so that it is not looked at again and again, and lets it go on when there is one.
 * @throws when the log or PostgreSQL is away; to be called again later
 */
export async function sortOutMissingTopics(options: MissingTopicsOptions): Promise<void> {
  const { pool, schemas, log, health, patienceMs = PATIENCE_MS } = options;
  // What an earlier relay put aside is not in this one's memory.
  for (const topics of await Promise.all(schemas.map((schema) => topicsAside(pool, schema)))) {
    for (const topic of topics) health.putAside(topic);
  }
  const missing = health.missing(patienceMs);
  if (missing.length === 0) return;
  const existing = new Set((await log.topics()).map(({ name }) => name));
  for (const topic of missing) {
    const found = existing.has(topic);
    const settle = found ? takeTopicBack : putTopicAside;
    // Left alone while its events are moved: a new one must not overtake them.
    health.putAside(topic);
    const moved = await Promise.all(schemas.map((schema) => settle(pool, schema, topic)));
    const events = moved.reduce((sum, count) => sum + count, 0);
    if (found) health.returned(topic);
    if (events > 0) tell(options.logger, topic, events, found);
  }
}

function tell(logger: Logger, topic: string, events: number, found: boolean): void {
  if (found) logger.info({ topic, events }, `there is a topic "${topic}" now: ${events} event(s) go on`);
  else
    logger.warn({ topic, events }, `there is no topic "${topic}": ${events} event(s) are put aside until there is one`);
}
