import type { Pool } from 'pg';
import { outboxOf } from '../outbox/publish-pending.ts';
import { Identifier } from '../sql.ts';

/**
 * Moves timers that are due into the outbox, the earliest first, in one statement and so in one transaction; returns how many there were.
 * One relay at a time does it, which keeps the order; where another one is at it, this gives 0. A timer that a service is just changing is passed
 * over: waiting for that transaction would hold up all others.
 */
export async function moveDueTimers(pool: Pool, schema: string, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `WITH lock AS MATERIALIZED (
       SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken
     ), due AS (
       DELETE FROM ${timersOf(schema)} WHERE name = ANY (ARRAY(
         SELECT name FROM ${timersOf(schema)} WHERE due_at <= now() AND (SELECT taken FROM lock)
         ORDER BY due_at, seq LIMIT $2 FOR UPDATE SKIP LOCKED
       ))
       RETURNING due_at, seq, shard, partition_key, topic, event, cause_id
     )
     INSERT INTO ${outboxOf(schema)} (shard, partition_key, topic, event, cause_id)
     SELECT shard, partition_key, topic, event, cause_id FROM due ORDER BY due_at, seq`,
    [`ebb-timers\n${schema}`, limit],
  );
  return rowCount ?? 0;
}

export function timersOf(schema: string): string {
  return `${new Identifier(schema).text}.timer`;
}
