import type { Querier } from '../parked/turn.ts';
import { stateOf, type AsideRow } from './aside-event.ts';
import type { ParkedState } from '../parked/parked-event.ts';

/** An event that was put aside, which this transaction has to itself. */
export interface LockedAside {
  readonly state: ParkedState;
  readonly reason: AsideRow['put_aside'];
  readonly redrives: number;
}

const LOCK = `SELECT put_aside, published_at, closed_at, coalesce(redrive_count, 0) AS redrives FROM outbox
WHERE id = $1 AND aside_at IS NOT NULL FOR UPDATE`;

type LockedRow = Pick<AsideRow, 'put_aside' | 'published_at' | 'closed_at' | 'redrives'>;

export async function lockAside(tx: Querier, id: string): Promise<LockedAside | undefined> {
  const { rows } = await tx.query<LockedRow>({ text: LOCK, values: [id] });
  const [row] = rows;
  return row && { state: stateOf(row), reason: row.put_aside, redrives: row.redrives };
}
