import type { Pool } from 'pg';
import { Identifier } from '../sql.ts';
import { MAX_REDRIVES } from './refusal.ts';
import { conditionOf, type ParkedFilter } from './filter.ts';
import {
  PARKED_COLUMNS,
  parkedEventOf,
  SUMMARY_COLUMNS,
  summaryOf,
  type KeptReason,
  type ParkedEvent,
  type ParkedRow,
  type ParkedSummary,
  type SummaryRow,
} from './parked-event.ts';

export interface ListOptions extends ParkedFilter {
  /** The most rows of a page. */
  readonly limit: number;
  /** The last row of the page before. */
  readonly after?: { readonly parkedAt: Date; readonly id: string };
}

/** Parked events, the newest first. */
export async function listParked(
  pool: Pool,
  schema: string,
  { limit, after, ...filter }: ListOptions,
): Promise<readonly ParkedSummary[]> {
  const { text, values } = conditionOf(filter);
  const n = values.length;
  // To the millisecond, which is all that a page's last row remembers of its time.
  const past = after ? ` AND (date_trunc('milliseconds', parked_at), id) < ($${n + 2}, $${n + 3})` : '';
  const { rows } = await pool.query<SummaryRow>(
    `SELECT ${SUMMARY_COLUMNS} FROM ${parkedOf(schema)} p WHERE ${text}${past}
     ORDER BY date_trunc('milliseconds', p.parked_at) DESC, p.id DESC LIMIT $${n + 1}`,
    [...values, limit, ...(after ? [after.parkedAt, after.id] : [])],
  );
  return rows.map(summaryOf);
}

/** One parked event, closed or not; undefined when there is none with the id. */
export async function showParked(pool: Pool, schema: string, id: string): Promise<ParkedEvent | undefined> {
  const { rows } = await pool.query<ParkedRow>(`SELECT ${PARKED_COLUMNS} FROM ${parkedOf(schema)} WHERE id = $1`, [id]);
  return rows[0] && parkedEventOf(rows[0]);
}

/** How many open ones there are: those that somebody or something waits for, by reason, and those on their way. */
export interface ParkedCounts {
  readonly waiting: Readonly<Partial<Record<KeptReason, number>>>;
  readonly onTheirWay: number;
  /** Those that a redrive of all of them sends: neither on their way, nor behind another, nor past the loop guard. */
  readonly redrivable: number;
}

export async function countParked(pool: Pool, schema: string, filter: ParkedFilter = {}): Promise<ParkedCounts> {
  const { text, values } = conditionOf({ ...filter, closed: false });
  const { rows } = await pool.query<{ reason: KeptReason; sent: number; waiting: number; redrivable: number }>(
    `SELECT reason, count(redriven_at)::int AS sent, (count(*) - count(redriven_at))::int AS waiting,
       (count(*) FILTER (WHERE redriven_at IS NULL AND redrive_count < ${MAX_REDRIVES}
          AND reason NOT IN ('behind', 'payload-mismatch')))::int AS redrivable
     FROM ${parkedOf(schema)} WHERE ${text} GROUP BY reason`,
    [...values],
  );
  const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    waiting: Object.fromEntries(rows.flatMap(({ reason, waiting }) => (waiting > 0 ? [[reason, waiting]] : []))),
    onTheirWay: sum(({ sent }) => sent),
    redrivable: sum(({ redrivable }) => redrivable),
  };
}

function parkedOf(schema: string): string {
  return `${new Identifier(schema).text}.parked`;
}
