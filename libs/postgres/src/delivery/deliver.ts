import type { Connections } from '../connections.ts';
import type { DeliveryKey, DeliveryResult, Transaction, TransactionOptions } from '../database.ts';
import { closeParked } from '../parked/turn.ts';
import type { OpenTransaction } from '../open-transaction.ts';
import { runTransaction, type Committed } from '../transaction.ts';
import { claim, type ClaimRow } from './claim.ts';
import type { OnCrashPoint } from './crash-point.ts';
import { FastPath } from './fast-path.ts';
import { OutOfTurn } from './out-of-turn.ts';
import { errorOf, type Settlement, type SettlementOptions } from './settlement.ts';

/** How long the loser of a race looks for the winner's result before it leaves the retry to the broker. */
const AWAIT_RESULT_MS = 250;
/** How often a delivery looks again whether it is its turn, when the row that it was to wait for was closed just then. */
const MAX_TURNS = 5;

type Run = (tx: Transaction) => Promise<unknown>;

/** How the claim of a delivery ended: it ran and committed, somebody else has it, it was settled before, or an earlier one of its key is parked. */
type Processed =
  | { readonly as: 'done'; readonly sentNext: boolean }
  | { readonly as: 'busy' | 'settled' }
  | { readonly as: 'behind'; readonly parkedId: string | null };

export interface DeliveriesOptions extends SettlementOptions {
  /** Called after a commit that left something for the relay. */
  readonly onEnqueued: () => void;
  readonly onPoint?: OnCrashPoint;
}

/** Processes deliveries in one transaction each (inbox, handler's SQL, outbox), and settles those that fail. */
export class Deliveries {
  readonly #connections: Connections;
  readonly #settlement: Settlement;
  readonly #options: DeliveriesOptions;
  readonly #fastPath: FastPath;

  constructor(connections: Connections, settlement: Settlement, options: DeliveriesOptions) {
    this.#connections = connections;
    this.#settlement = settlement;
    this.#options = options;
    this.#fastPath = new FastPath(connections, options);
  }

  /** Never rejects. */
  async deliver(delivery: DeliveryKey, run: Run, options: TransactionOptions): Promise<DeliveryResult> {
    try {
      return await this.#attempt(delivery, run, options);
    } catch (error) {
      // Neither the outcome nor the failure could be written down. The broker asks again.
      return { outcome: 'retry', error: errorOf(error) };
    }
  }

  async #attempt(delivery: DeliveryKey, run: Run, options: TransactionOptions): Promise<DeliveryResult> {
    for (let turn = 1; turn <= MAX_TURNS; turn += 1) {
      let processed: Committed<Processed>;
      try {
        processed = await this.#process(delivery, run, options);
      } catch (error) {
        return this.#settlement.settle(delivery, errorOf(error));
      }
      const { value, enqueued } = processed;
      if (this.#options.onPoint && value.as === 'done') await this.#options.onPoint('after-commit');
      if (enqueued || (value.as === 'done' && value.sentNext)) this.#options.onEnqueued();
      if (value.as === 'done') return { outcome: 'done' };
      if (value.as !== 'behind')
        return this.#settlement.answerStored(delivery, value.as === 'busy' ? AWAIT_RESULT_MS : 0);
      const parked = await this.#settlement.parkBehind(delivery, value.parkedId);
      if (parked) return parked;
    }
    return { outcome: 'conflict' };
  }

  async #process(delivery: DeliveryKey, run: Run, options: TransactionOptions): Promise<Committed<Processed>> {
    const passed = await this.#fastPath.process(delivery, run, options);
    if (passed.as === 'done') return { value: { as: 'done', sentNext: false }, enqueued: passed.enqueued };
    return this.#processClaimed(delivery, passed.run, options);
  }

  async #processClaimed(delivery: DeliveryKey, run: Run, options: TransactionOptions): Promise<Committed<Processed>> {
    try {
      return await runTransaction(this.#connections, options, (tx) => this.#processIn(tx, delivery, run));
    } catch (error) {
      if (!(error instanceof OutOfTurn)) throw error;
      return { value: { as: 'behind', parkedId: error.parkedId }, enqueued: false };
    }
  }

  async #processIn(tx: OpenTransaction, delivery: DeliveryKey, run: Run): Promise<Processed> {
    const { rows } = await tx.query<ClaimRow>(claim(delivery, this.#options.retentionMs));
    const claimed = rows[0];
    if (!claimed?.taken) return { as: 'busy' };
    const { attempt, parked_id: parkedId, head } = claimed;
    if (attempt === null) return { as: 'settled' };
    if (head !== null && head !== parkedId) throw new OutOfTurn(parkedId);
    const { onPoint } = this.#options;
    if (onPoint) await onPoint('claimed');
    await run(tx.context(attempt));
    // What was parked has taken effect after all, in this very transaction.
    const sentNext = parkedId !== null && (await closeParked(tx, parkedId, { as: 'done' }));
    if (onPoint) await onPoint('before-commit');
    return { as: 'done', sentNext };
  }
}
