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
import { runTransaction, type Committed } from '../transaction.ts';
import { claim, type ClaimRow } from './claim.ts';
import { countFailure, type FailureRow } from './count-failure.ts';
import { park, parkMismatch, type ParkedRow } from './park.ts';
import { storedDelivery, type StoredDelivery } from './stored-delivery.ts';

/** How long the loser of a race looks for the winner's result before it leaves the retry to the broker. */
const AWAIT_RESULT_MS = 250;
const POLL_MS = 10;

type Run = (tx: Transaction) => Promise<unknown>;

/** How the claim of a delivery ended: it ran and committed, somebody else has it, or it was settled before. */
type Processed = 'done' | 'busy' | 'settled';

/** Processes deliveries in one transaction each (inbox, handler's SQL, outbox), and settles those that fail. */
export class Deliveries {
  readonly #connections: Connections;
  readonly #retentionMs: number;
  readonly #onEnqueued: () => void;

  constructor(connections: Connections, retentionMs: number, onEnqueued: () => void) {
    this.#connections = connections;
    this.#retentionMs = retentionMs;
    this.#onEnqueued = onEnqueued;
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
    let processed: Committed<Processed>;
    try {
      processed = await this.#process(delivery, run, options);
    } catch (error) {
      return this.#settleFailure(delivery, errorOf(error));
    }
    if (processed.enqueued) this.#onEnqueued();
    if (processed.value === 'done') return { outcome: 'done' };
    return this.#answerStored(delivery, processed.value === 'busy' ? AWAIT_RESULT_MS : 0);
  }

  #process(delivery: DeliveryKey, run: Run, options: TransactionOptions): Promise<Committed<Processed>> {
    return runTransaction(this.#connections, options, async (tx) => {
      const { rows } = await tx.query<ClaimRow>(claim(delivery, this.#retentionMs));
      const claimed = rows[0];
      if (!claimed?.taken) return 'busy';
      if (claimed.attempt === null) return 'settled';
      await run(tx.context(claimed.attempt));
      return 'done';
    });
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
    if (reason !== undefined) return this.#park(delivery, reason, error, false);
    // That PostgreSQL went away is not the event's fault: a restart must not use up the budget of all that was in flight.
    if (isOutage(error)) return { outcome: 'retry', error };
    const [failed] = await this.#connections.query<FailureRow>(countFailure(delivery, error, this.#retentionMs));
    if (!failed) return this.#answerStored(delivery, 0);
    if (failed.attempt >= delivery.retryBudget) return this.#park(delivery, 'budget', error, true);
    const afterMs = error instanceof RetryableError && error.after !== undefined ? durationMs(error.after) : undefined;
    return { outcome: 'retry', error, ...(afterMs !== undefined && { afterMs }) };
  }

  async #park(delivery: DeliveryKey, reason: ParkReason, error: Error, counted: boolean): Promise<DeliveryResult> {
    const rows = await this.#connections.query<ParkedRow>(park(delivery, reason, error, counted));
    return rows.length > 0 ? { outcome: 'parked', reason } : this.#answerStored(delivery, 0);
  }

  async #parkMismatch(delivery: DeliveryKey): Promise<DeliveryResult> {
    const what = delivery.businessKey === undefined ? 'event' : `business key "${delivery.businessKey}"`;
    const error = new EbbError('EBB_RUNTIME', `the same ${what} came before with another payload`);
    await this.#connections.query(parkMismatch(delivery, error));
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
