import { types } from 'node:util';
import {
  durationMs,
  EbbError,
  messageOf,
  RetryableError,
  SchemaViolationError,
  systemClock,
  TerminalError,
} from '@ebb/core';
import type { Connections } from '../connections.ts';
import type { DeliveryKey, DeliveryResult, ParkReason, Transaction, TransactionOptions } from '../database.ts';
import { isOutage } from '../outage.ts';
import { runTransaction, type Committed, type OpenTransaction } from '../transaction.ts';
import { park, parkMismatch, type ParkedId, type Parking } from '../parked/park.ts';
import { closeParked, holdHead } from '../parked/turn.ts';
import { claim, orderedKeyOf, type ClaimRow } from './claim.ts';
import { countFailure, type FailureRow } from './count-failure.ts';
import { storedDelivery, type StoredDelivery } from './stored-delivery.ts';

/** How long the loser of a race looks for the winner's result before it leaves the retry to the broker. */
const AWAIT_RESULT_MS = 250;
const POLL_MS = 10;
/** A longer wait than this is the relay's to make: the Kafka data plane takes no notice of Retry-After. */
const PATIENCE_MS = 60_000;
/** How often a delivery looks again whether it is its turn, when the row that it was to wait for was closed just then. */
const MAX_TURNS = 5;

type Run = (tx: Transaction) => Promise<unknown>;

/** How the claim of a delivery ended: it ran and committed, somebody else has it, it was settled before, or an earlier one of its key is parked. */
type Processed =
  | { readonly as: 'done'; readonly sentNext: boolean }
  | { readonly as: 'busy' | 'settled' }
  | { readonly as: 'behind'; readonly parkedId: string | null };

/** Rolls a claim back: it is not this delivery's turn. */
class OutOfTurn extends Error {
  readonly parkedId: string | null;

  constructor(parkedId: string | null) {
    super('an earlier event of the key is parked');
    this.parkedId = parkedId;
  }
}

export interface DeliveriesOptions {
  readonly service: string;
  readonly retentionMs: number;
  /** Called after a commit that left something for the relay. */
  readonly onEnqueued: () => void;
}

/** Processes deliveries in one transaction each (inbox, handler's SQL, outbox), and settles those that fail. */
export class Deliveries {
  readonly #connections: Connections;
  readonly #options: DeliveriesOptions;

  constructor(connections: Connections, options: DeliveriesOptions) {
    this.#connections = connections;
    this.#options = options;
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
        return this.#settleFailure(delivery, errorOf(error));
      }
      const { value, enqueued } = processed;
      if (enqueued || (value.as === 'done' && value.sentNext)) this.#options.onEnqueued();
      if (value.as === 'done') return { outcome: 'done' };
      if (value.as !== 'behind') return this.#answerStored(delivery, value.as === 'busy' ? AWAIT_RESULT_MS : 0);
      const parked = await this.#parkBehind(delivery, value.parkedId);
      if (parked) return parked;
    }
    return { outcome: 'conflict' };
  }

  async #process(delivery: DeliveryKey, run: Run, options: TransactionOptions): Promise<Committed<Processed>> {
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
    await run(tx.context(attempt));
    // What was parked has taken effect after all, in this very transaction.
    return { as: 'done', sentNext: parkedId !== null && (await closeParked(tx, parkedId, { as: 'done' })) };
  }

  /** Answers what an earlier delivery of the same event came to; waits for one that is under way. */
  async #answerStored(delivery: DeliveryKey, waitMs: number): Promise<DeliveryResult> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const [stored] = await this.#connections.query<StoredDelivery>(storedDelivery(delivery));
      if (stored && stored.payload_sha !== delivery.payloadSha) return this.#parkMismatch(delivery);
      if (stored?.status === 'done') return { outcome: 'duplicate' };
      if (stored?.status === 'parked') return { outcome: 'parked', reason: stored.park_reason ?? 'terminal' };
      if (Date.now() >= deadline) return { outcome: 'conflict' };
      await systemClock.sleep(POLL_MS);
    }
  }

  async #settleFailure(delivery: DeliveryKey, error: Error): Promise<DeliveryResult> {
    const reason = reasonToPark(error);
    if (reason !== undefined) return this.#park(delivery, { reason, error, counted: false });
    // That PostgreSQL went away is not the event's fault: a restart must not use up the budget of all that was in flight.
    if (isOutage(error)) return { outcome: 'retry', error };
    const { retentionMs } = this.#options;
    const [failed] = await this.#connections.query<FailureRow>(countFailure(delivery, error, retentionMs));
    if (!failed) return this.#answerStored(delivery, 0);
    if (failed.attempt >= delivery.retryBudget) return this.#park(delivery, { reason: 'budget', error, counted: true });
    const afterMs = error instanceof RetryableError && error.after !== undefined ? durationMs(error.after) : undefined;
    if (afterMs !== undefined && afterMs > (delivery.patienceMs ?? PATIENCE_MS))
      return this.#park(delivery, { reason: 'delayed', error, counted: true, afterMs });
    return { outcome: 'retry', error, ...(afterMs !== undefined && { afterMs }) };
  }

  async #park(delivery: DeliveryKey, parking: Omit<Parking, 'service'>): Promise<DeliveryResult> {
    const { service } = this.#options;
    const rows = await this.#connections.query<ParkedId>(park(delivery, { ...parking, service }));
    return rows.length > 0 ? { outcome: 'parked', reason: parking.reason } : this.#answerStored(delivery, 0);
  }

  /** Undefined when the row that it was to wait for has been closed: then it is this delivery's turn. */
  async #parkBehind(delivery: DeliveryKey, parkedId: string | null): Promise<DeliveryResult | undefined> {
    const { value: isParked } = await runTransaction(this.#connections, {}, async (tx) => {
      const head = await holdHead(tx, delivery.fn, orderedKeyOf(delivery) ?? '');
      if (head === undefined || head === parkedId) return undefined;
      const { service } = this.#options;
      const error = `waits for ${service}:${head}, an earlier event of its key`;
      const parking: Parking = { service, reason: 'behind', error, counted: true };
      return (await tx.query<ParkedId>(park(delivery, parking))).rows.length > 0;
    });
    if (isParked === undefined) return undefined;
    return isParked ? { outcome: 'parked', reason: 'behind' } : this.#answerStored(delivery, 0);
  }

  async #parkMismatch(delivery: DeliveryKey): Promise<DeliveryResult> {
    const what = delivery.businessKey === undefined ? 'event' : `business key "${delivery.businessKey}"`;
    const error = new EbbError('EBB_RUNTIME', `the same ${what} came before with another payload`);
    await this.#connections.query(parkMismatch(delivery, this.#options.service, error));
    return { outcome: 'parked', reason: 'payload-mismatch' };
  }
}

/** Failures that no later attempt can mend. */
function reasonToPark(error: Error): ParkReason | undefined {
  if (error instanceof TerminalError) return 'terminal';
  if (error instanceof SchemaViolationError) return 'schema';
  return error instanceof EbbError && error.code === 'EBB_TOO_LARGE' ? 'terminal' : undefined;
}

function errorOf(thrown: unknown): Error {
  return types.isNativeError(thrown) ? thrown : new Error(messageOf(thrown), { cause: thrown });
}
