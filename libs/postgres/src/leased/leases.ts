import { randomUUID } from 'node:crypto';
import { EbbError } from '@ebb/core';
import { TARGET_ATTRIBUTE } from '@ebb/events';
import type { Connections } from '../connections.ts';
import type { DeliveryKey, DeliveryResult } from '../database.ts';
import type { OnCrashPoint } from '../delivery/crash-point.ts';
import { OutOfTurn } from '../delivery/out-of-turn.ts';
import { isOutage } from '../outage.ts';
import { errorOf, type Settlement, type SettlementOptions } from '../delivery/settlement.ts';
import { StepJournal } from '../steps/journal.ts';
import { runTransaction } from '../transaction.ts';
import { claimLease, type LeaseClaimRow } from './claim-lease.ts';
import { GivingBack } from './give-back.ts';
import { Heartbeat } from './heartbeat.ts';
import { HeldLease, LeaseLostError } from './lease.ts';
import { LeasedDelivery } from './leased-delivery.ts';

/** How often a delivery looks again whether it is its turn, when the row that it was to wait for was closed just then. */
const MAX_TURNS = 5;

/** How a run on lease ended; `waiting`: it suspended itself. */
export type LeaseEnd = 'done' | 'waiting';

export type LeasedRun = (delivery: LeasedDelivery) => Promise<LeaseEnd>;

export interface LeasesOptions extends SettlementOptions {
  readonly onEnqueued: () => void;
  readonly onPoint?: OnCrashPoint;
}

/** How a claim went: it is held, taken by another or settled before, or an earlier event of its key is parked. */
type Claimed =
  | { readonly as: 'held'; readonly lease: HeldLease }
  | { readonly as: 'taken' }
  | { readonly as: 'behind'; readonly parkedId: string | null };

/** Processes deliveries on lease: nothing stays open while the handler works, and only the holder's writes count. */
export class Leases {
  readonly #connections: Connections;
  readonly #settlement: Settlement;
  readonly #options: LeasesOptions;
  readonly #givingBack: GivingBack;

  constructor(connections: Connections, settlement: Settlement, options: LeasesOptions) {
    this.#connections = connections;
    this.#settlement = settlement;
    this.#options = options;
    this.#givingBack = new GivingBack(connections);
  }

  close(): Promise<void> {
    return this.#givingBack.close();
  }

  /** Never rejects. */
  async run(delivery: DeliveryKey, leaseMs: number, run: LeasedRun): Promise<DeliveryResult> {
    try {
      return await this.#attempt(delivery, leaseMs, run);
    } catch (error) {
      // Neither the outcome nor the failure could be written down. The broker asks again.
      return { outcome: 'retry', error: errorOf(error) };
    }
  }

  async #attempt(delivery: DeliveryKey, leaseMs: number, run: LeasedRun): Promise<DeliveryResult> {
    for (let turn = 1; turn <= MAX_TURNS; turn += 1) {
      const claimedAt = performance.now();
      const claimed = await this.#claim(delivery, leaseMs);
      if (claimed.as === 'held') {
        return this.#work(delivery, claimed.lease, leaseMs, new Heartbeat(claimed.lease, leaseMs, claimedAt), run);
      }
      if (claimed.as === 'taken') return this.#settlement.answerStored(delivery);
      const parked = await this.#settlement.parkBehind(delivery, claimed.parkedId);
      if (parked) return parked;
    }
    return { outcome: 'conflict' };
  }

  async #claim(delivery: DeliveryKey, leaseMs: number): Promise<Claimed> {
    const { retentionMs, onEnqueued } = this.#options;
    const token = randomUUID();
    const claimed = await runTransaction(this.#connections, {}, async (tx) => {
      const { rows } = await tx.query<LeaseClaimRow>(claimLease(delivery, token, leaseMs, isSentAgain(delivery)));
      const row = rows[0];
      if (row?.attempt == null) return undefined;
      if (!row.was_begun && row.head !== null && row.head !== row.parked_id) throw new OutOfTurn(row.parked_id);
      return { attempt: row.attempt, parkedId: row.parked_id };
    }).catch((error: unknown) => {
      if (error instanceof OutOfTurn) return error;
      throw error;
    });
    if (claimed instanceof OutOfTurn) return { as: 'behind', parkedId: claimed.parkedId };
    if (!claimed.value) return { as: 'taken' };
    const { attempt, parkedId } = claimed.value;
    const options = { token, attempt, parkedId, leaseMs, retentionMs, onEnqueued };
    return { as: 'held', lease: new HeldLease(this.#connections, delivery, options) };
  }

  async #work(
    delivery: DeliveryKey,
    lease: HeldLease,
    leaseMs: number,
    heartbeat: Heartbeat,
    run: LeasedRun,
  ): Promise<DeliveryResult> {
    try {
      if (lease.attempt > delivery.retryBudget) throw diedTooOften(delivery, lease.attempt - 1);
      const { service, onPoint } = this.#options;
      if (onPoint) await onPoint('leased');
      const leased = new LeasedDelivery(lease, await StepJournal.open(lease, onPoint), delivery, { service, onPoint });
      return { outcome: await run(leased) };
    } catch (thrown) {
      const error = errorOf(thrown);
      // Whoever has taken over settles it.
      if (error instanceof LeaseLostError) return { outcome: 'retry', error };
      if (isOutage(error)) {
        await this.#givingBack.giveBack(lease, error, leaseMs);
        return { outcome: 'retry', error };
      }
      return await this.#settlement.settle(delivery, error, (isCounted) => lease.fail(error, isCounted));
    } finally {
      heartbeat.stop();
    }
  }
}

/** Woken, or sent on: whatever it waited for is looked at again. */
function isSentAgain({ event: { event } }: DeliveryKey): boolean {
  return event[TARGET_ATTRIBUTE] !== undefined;
}

function diedTooOften({ fn, id }: DeliveryKey, times: number): EbbError {
  return new EbbError(
    'EBB_RUNTIME',
    `the process of function "${fn}" ended ${times} times while it was at event ${id}`,
  );
}
