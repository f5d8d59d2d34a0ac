import type { AsideReason } from '../outbox/put-aside.ts';
import type { ParkedEvent, ParkedState, ParkedSummary } from '../parked/parked-event.ts';

/** A row of an outbox that is, or was, put aside. */
export interface AsideRow {
  readonly id: string;
  readonly topic: string;
  readonly reason: AsideReason;
  readonly put_aside: AsideReason | null;
  readonly error: string | null;
  readonly source: string | null;
  readonly event_id: string | null;
  readonly type: string | null;
  readonly key: string | null;
  readonly redrives: number;
  readonly aside_at: Date;
  readonly published_at: Date | null;
  readonly closed_at: Date | null;
  readonly note: string | null;
}

export interface AsideDetailRow extends AsideRow {
  readonly event: Readonly<Record<string, unknown>>;
}

export const ASIDE_COLUMNS = `id, topic, aside_reason AS reason, put_aside, error, event ->> 'source' AS source, event ->> 'id' AS event_id,
  event ->> 'type' AS type, partition_key AS key, coalesce(redrive_count, 0) AS redrives, aside_at, published_at, closed_at, note`;

export function asideSummaryOf(row: AsideRow): ParkedSummary {
  const closedAt = row.closed_at ?? row.published_at;
  return {
    id: row.id,
    fn: row.topic,
    reason: row.reason,
    state: stateOf(row),
    message: (row.error ?? '').split('\n')[0] ?? '',
    // No log takes what has none of these, and so it is here.
    source: row.source ?? '',
    eventId: row.event_id ?? '',
    type: row.type ?? '',
    attempts: row.redrives + 1,
    redrives: row.redrives,
    parkedAt: row.aside_at,
    ...(row.key !== null && { key: row.key }),
    ...(closedAt && { closedAt }),
  };
}

export function asideEventOf(row: AsideDetailRow): ParkedEvent {
  const { traceparent } = row.event;
  const traceId = typeof traceparent === 'string' ? /^00-([0-9a-f]{32})-/.exec(traceparent)?.[1] : undefined;
  return {
    ...asideSummaryOf(row),
    error: row.error ?? '',
    event: row.event,
    headers: {},
    ...(traceId !== undefined && { traceId }),
    ...(row.note !== null && { note: row.note }),
  };
}

/** How an event stands that was put aside: what was sent on waits for the relay, and is done when it is published. */
export function stateOf({
  put_aside,
  published_at,
  closed_at,
}: Pick<AsideRow, 'put_aside' | 'published_at' | 'closed_at'>): ParkedState {
  if (closed_at) return 'discarded';
  if (published_at) return 'done';
  return put_aside === null ? 'on-its-way' : 'waiting';
}
