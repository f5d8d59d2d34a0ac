import type { ParkReason } from '../database.ts';
import { INBOX_OF } from '../redelivery/send-parked.ts';
import type { Querier } from './turn.ts';

/** A parked row that this transaction has to itself, with how far its delivery has come. */
export interface LockedRow {
  readonly id: string;
  readonly place: string;
  readonly fn: string;
  readonly key: string | null;
  readonly target: string;
  readonly shard: number;
  readonly reason: ParkReason;
  readonly error: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly business_key: string | null;
  readonly trace_id: string | null;
  readonly redrive_count: number;
  readonly redriven_at: Date | null;
  readonly closed_as: 'done' | 'discarded' | 'edited' | null;
  /** Null: the inbox knows nothing of it. */
  readonly status: 'running' | 'waiting' | 'failed' | 'done' | 'parked' | null;
}

/** The inbox first, as a delivery does it: whoever locks in another order may wait for the other for ever. */
const LOCK_INBOX = `SELECT i.status FROM parked p JOIN inbox i ON ${INBOX_OF('p')} AND p.reason <> 'payload-mismatch' WHERE p.id = $1 FOR UPDATE OF i`;

const LOCK_PARKED = `SELECT id, place, fn, key, target, shard, reason, error, event, headers, business_key, trace_id, redrive_count,
  redriven_at, closed_as FROM parked WHERE id = $1 FOR UPDATE`;

export async function lockParked(tx: Querier, id: string): Promise<LockedRow | undefined> {
  const { rows: inbox } = await tx.query<Pick<LockedRow, 'status'>>({ text: LOCK_INBOX, values: [id] });
  const { rows } = await tx.query<Omit<LockedRow, 'status'>>({ text: LOCK_PARKED, values: [id] });
  return rows[0] && { ...rows[0], status: inbox[0]?.status ?? null };
}
