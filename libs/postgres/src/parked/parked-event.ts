import type { ParkReason } from '../database.ts';
import type { AsideReason } from '../outbox/put-aside.ts';

/** Why an event did not take effect: its function could not, or its topic could not take it. */
export type KeptReason = ParkReason | AsideReason;

/** How a parked event stands: waiting for a person, its turn or its time · sent on, not known yet to what end · over. */
export type ParkedState = 'waiting' | 'on-its-way' | 'done' | 'discarded' | 'edited';

/** A parked event, as a list shows it. */
export interface ParkedSummary {
  /** A decimal number; unique in its schema. */
  readonly id: string;
  /** The function; of an event that was put aside, the topic. */
  readonly fn: string;
  readonly reason: KeptReason;
  readonly state: ParkedState;
  /** The first line of the error. */
  readonly message: string;
  readonly source: string;
  readonly eventId: string;
  readonly type: string;
  readonly key?: string;
  readonly attempts: number;
  /** How often a person sent it again. */
  readonly redrives: number;
  readonly parkedAt: Date;
  /** When the relay sends it on. */
  readonly availableAt?: Date;
  readonly redrivenAt?: Date;
  readonly closedAt?: Date;
}

/** A parked event with all that is known of it. */
export interface ParkedEvent extends ParkedSummary {
  /** With the stack. */
  readonly error: string;
  /** The CloudEvents JSON format. */
  readonly event: Readonly<Record<string, unknown>>;
  /** What came with it besides its attributes. */
  readonly headers: Readonly<Record<string, string>>;
  readonly traceId?: string;
  readonly businessKey?: string;
  /** The parked event that was edited into this one. */
  readonly replaces?: string;
  /** Why a person closed it. */
  readonly note?: string;
}

export interface SummaryRow {
  readonly id: string;
  readonly fn: string;
  readonly reason: ParkReason;
  readonly message: string;
  readonly source: string;
  readonly event_id: string;
  readonly type: string;
  readonly key: string | null;
  readonly attempt: number;
  readonly redrive_count: number;
  readonly parked_at: Date;
  readonly available_at: Date | null;
  readonly redriven_at: Date | null;
  readonly closed_at: Date | null;
  readonly closed_as: 'done' | 'discarded' | 'edited' | null;
}

export interface ParkedRow extends SummaryRow {
  readonly error: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly trace_id: string | null;
  readonly business_key: string | null;
  readonly replaces: string | null;
  readonly note: string | null;
}

/** The attributes as the event has them: the columns may hold their hashes. */
export const SUMMARY_COLUMNS = `id, fn, reason, split_part(error, E'\\n', 1) AS message, event ->> 'source' AS source,
  event ->> 'id' AS event_id, event ->> 'type' AS type, event ->> 'partitionkey' AS key, attempt, redrive_count, parked_at,
  available_at, redriven_at, closed_at, closed_as`;

export const PARKED_COLUMNS = `${SUMMARY_COLUMNS}, error, event, headers, trace_id, business_key, replaces, note`;

export function summaryOf(row: SummaryRow): ParkedSummary {
  return {
    id: row.id,
    fn: row.fn,
    reason: row.reason,
    state: row.closed_as ?? (row.redriven_at ? 'on-its-way' : 'waiting'),
    message: row.message,
    source: row.source,
    eventId: row.event_id,
    type: row.type,
    attempts: row.attempt,
    redrives: row.redrive_count,
    parkedAt: row.parked_at,
    ...(row.key !== null && { key: row.key }),
    ...(row.available_at && { availableAt: row.available_at }),
    ...(row.redriven_at && { redrivenAt: row.redriven_at }),
    ...(row.closed_at && { closedAt: row.closed_at }),
  };
}

export function parkedEventOf(row: ParkedRow): ParkedEvent {
  return {
    ...summaryOf(row),
    error: row.error,
    event: row.event,
    headers: row.headers ?? {},
    ...(row.trace_id !== null && { traceId: row.trace_id }),
    ...(row.business_key !== null && { businessKey: row.business_key }),
    ...(row.replaces !== null && { replaces: row.replaces }),
    ...(row.note !== null && { note: row.note }),
  };
}
