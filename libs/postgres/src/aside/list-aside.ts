import type { Pool } from 'pg';
import { outboxOf } from '../outbox/publish-pending.ts';
import type { AsideReason } from '../outbox/put-aside.ts';
import type { ParkedFilter } from '../parked/filter.ts';
import type { ListOptions, ParkedCounts } from '../parked/list-parked.ts';
import type { ParkedEvent, ParkedSummary } from '../parked/parked-event.ts';
import { MAX_REDRIVES } from '../parked/refusal.ts';
import { ASIDE_COLUMNS, asideEventOf, asideSummaryOf, type AsideDetailRow, type AsideRow } from './aside-event.ts';
import { asideCondition } from './filter.ts';

/** Events that were put aside in an outbox, the newest first. */
export async function listAside(
  pool: Pool,
  schema: string,
  { limit, after, ...filter }: ListOptions,
): Promise<readonly ParkedSummary[]> {
  const { text, values } = asideCondition(filter);
  const n = values.length;
  const past = after ? ` AND (date_trunc('milliseconds', aside_at), id) < ($${n + 2}, $${n + 3})` : '';
  const { rows } = await pool.query<AsideRow>(
    `SELECT ${ASIDE_COLUMNS} FROM ${outboxOf(schema)} o WHERE ${text}${past}
     ORDER BY date_trunc('milliseconds', o.aside_at) DESC, o.id DESC LIMIT $${n + 1}`,
    [...values, limit, ...(after ? [after.parkedAt, after.id] : [])],
  );
  return rows.map(asideSummaryOf);
}

/** One of them, over or not; undefined when there is none with the id. */
export async function showAside(pool: Pool, schema: string, id: string): Promise<ParkedEvent | undefined> {
  const { rows } = await pool.query<AsideDetailRow>(
    `SELECT ${ASIDE_COLUMNS}, event FROM ${outboxOf(schema)} WHERE id = $1 AND aside_at IS NOT NULL`,
    [id],
  );
  return rows[0] && asideEventOf(rows[0]);
}

/** How many are open: those that wait, by reason, and those that the relay is to publish after all. */
export async function countAside(pool: Pool, schema: string, filter: ParkedFilter = {}): Promise<ParkedCounts> {
  const { text, values } = asideCondition({ ...filter, closed: false });
  const { rows } = await pool.query<{ reason: AsideReason; waiting: number; sent: number; redrivable: number }>(
    `SELECT aside_reason AS reason, count(put_aside)::int AS waiting, (count(*) - count(put_aside))::int AS sent,
       (count(*) FILTER (WHERE put_aside <> 'no-topic' AND coalesce(redrive_count, 0) < ${MAX_REDRIVES}))::int AS redrivable
     FROM ${outboxOf(schema)} WHERE ${text} GROUP BY aside_reason`,
    [...values],
  );
  const sum = (of: 'sent' | 'redrivable'): number => rows.reduce((total, row) => total + row[of], 0);
  return {
    waiting: Object.fromEntries(rows.flatMap(({ reason, waiting }) => (waiting > 0 ? [[reason, waiting]] : []))),
    onTheirWay: sum('sent'),
    redrivable: sum('redrivable'),
  };
}
