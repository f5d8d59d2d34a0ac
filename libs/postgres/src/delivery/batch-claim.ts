import type { BatchedDelivery } from '../database.ts';
import type { OpenTransaction } from '../open-transaction.ts';
import { claimMany, doneBefore, type DoneRow, type WonRow } from './plain-claim.ts';

/** Rolls a transaction back: its deliveries go one by one. */
class NotTogether extends Error {}

/**
 * Claims a batch for this transaction. The place of each that was claimed, from 1, and its attempt; undefined: all were, at the first. The others
 * took effect before.
 * @throws when there is anything else to say of one of them
 */
export async function attemptsOf(
  tx: OpenTransaction,
  some: readonly BatchedDelivery[],
  retentionMs: number,
): Promise<ReadonlyMap<number, number> | undefined> {
  const deliveries = some.map(({ delivery }) => delivery);
  const { rows: won } = await tx.query<WonRow>(claimMany(deliveries, retentionMs));
  if (won[0]?.won === null) return undefined;
  const attempts = new Map(won[0]?.won);
  const left = deliveries.filter((_, at) => !attempts.has(at + 1));
  const done = left.length > 0 ? (await tx.query<DoneRow>(doneBefore(left))).rows : [];
  if (done.length < left.length) throw new NotTogether();
  return attempts;
}
