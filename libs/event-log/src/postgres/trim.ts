import type { Pool } from 'pg';

/** Records that are looked at in each partition at a time. */
const BATCH = 2_000;

/**
 * Only the oldest records of each partition are looked at, by their key, and only a run of expired ones from the beginning goes: what is left has no
 * holes, and `begin_offset` is its first.
 */
const TRIM = `
WITH oldest AS (
  SELECT p.topic, p.partition, r.record_offset,
         t.retention_ms >= 0 AND r.created_at < clock_timestamp() - t.retention_ms * interval '1 millisecond' AS expired
  FROM ebb_log.partition p
  JOIN ebb_log.topic t ON t.name = p.topic
  CROSS JOIN LATERAL (
    SELECT record_offset, created_at FROM ebb_log.record r
    WHERE r.topic = p.topic AND r.partition = p.partition ORDER BY record_offset LIMIT $1
  ) r
), begins AS (
  SELECT topic, partition, coalesce(min(record_offset) FILTER (WHERE NOT expired), max(record_offset) + 1) AS begin
  FROM oldest GROUP BY topic, partition HAVING bool_or(expired)
), gone AS (
  DELETE FROM ebb_log.record r USING begins
  WHERE r.topic = begins.topic AND r.partition = begins.partition AND r.record_offset < begins.begin
  RETURNING 1
), moved AS (
  UPDATE ebb_log.partition p SET begin_offset = begins.begin FROM begins
  WHERE p.topic = begins.topic AND p.partition = begins.partition AND p.begin_offset < begins.begin
)
SELECT count(*)::int AS amount FROM gone`;

/** Deletes what is past its topic's retention; returns how many records went. */
export async function trimRecords(pool: Pool): Promise<number> {
  let trimmed = 0;
  for (;;) {
    const { rows } = await pool.query<{ amount: number }>(TRIM, [BATCH]);
    const amount = rows[0]?.amount ?? 0;
    if (amount === 0) return trimmed;
    trimmed += amount;
  }
}
