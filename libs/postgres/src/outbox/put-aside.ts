import { messageOf } from '@ebb/core';
import type { Pool, PoolClient } from 'pg';
import { outboxOf } from './publish-pending.ts';
import type { PendingEvent } from './pending-event.ts';

/** Why an event of an outbox is not published: no retry would mend it, or none does for now. The column accepts exactly these. */
export type AsideReason = 'too-large' | 'undecodable' | 'no-topic';

/** An event that must not be tried again. */
export interface RefusedEvent {
  readonly event: PendingEvent;
  readonly reason: Exclude<AsideReason, 'no-topic'>;
  readonly error: Error;
}

/** Keeps events in the outbox for a person to see, out of the way of those behind them. */
export async function putAside(client: PoolClient, schema: string, refused: readonly RefusedEvent[]): Promise<void> {
  await client.query(
    `UPDATE ${outboxOf(schema)} o SET put_aside = r.reason, error = r.error
     FROM unnest($1::bigint[], $2::text[], $3::text[]) AS r (id, reason, error) WHERE o.id = r.id`,
    [
      refused.map(({ event }) => event.id),
      refused.map(({ reason }) => reason),
      refused.map(({ error }) => textOf(error)),
    ],
  );
}

/** Puts aside all that waits for a topic which does not exist; returns how many events that were. */
export async function putTopicAside(pool: Pool, schema: string, topic: string): Promise<number> {
  const { rowCount } = await pool.query(
    `UPDATE ${outboxOf(schema)} SET put_aside = 'no-topic', error = $2
     WHERE published_at IS NULL AND put_aside IS NULL AND topic = $1`,
    [topic, `there is no topic "${topic}"; it goes on by itself when there is one`],
  );
  return rowCount ?? 0;
}

/** The topics that events were put aside for. */
export async function topicsAside(pool: Pool, schema: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ topic: string }>(
    `SELECT DISTINCT topic FROM ${outboxOf(schema)} WHERE put_aside = 'no-topic' AND closed_at IS NULL`,
  );
  return rows.map(({ topic }) => topic);
}

/** Lets the events of a topic go on, in their old order; returns how many there were. */
export async function takeTopicBack(pool: Pool, schema: string, topic: string): Promise<number> {
  const { rowCount } = await pool.query(
    `UPDATE ${outboxOf(schema)} SET put_aside = NULL, error = NULL
     WHERE put_aside = 'no-topic' AND closed_at IS NULL AND topic = $1`,
    [topic],
  );
  return rowCount ?? 0;
}

/** PostgreSQL's text holds no NUL. */
const textOf = (error: Error): string => messageOf(error).replaceAll('\u0000', '');
