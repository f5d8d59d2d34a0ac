import { types } from 'node:util';
import {
  durationMs,
  EbbError,
  type ErrorCode,
  messageOf,
  RetryableError,
  SchemaViolationError,
  systemClock,
  TerminalError,
} from '@ebb/core';
import type { Connections, Query } from '../connections.ts';
import type { DeliveryKey, DeliveryResult, ParkReason } from '../database.ts';
import { isOutage } from '../outage.ts';
import { park, parkMismatch, type ParkedId, type Parking } from '../parked/park.ts';
import { holdHead } from '../parked/turn.ts';
import { runTransaction } from '../transaction.ts';
import { orderedKeyOf } from './claim.ts';
import { countFailure, type FailureRow } from './count-failure.ts';
import { storedDelivery, type StoredDelivery } from './stored-delivery.ts';

const POLL_MS = 10;
/** A longer wait than this is the relay's to make: the Kafka data plane takes no notice of Retry-After. */
const PATIENCE_MS = 60_000;

/** A failure that says nothing about the event: it does not count against the retry budget. */
export class UncountedError extends RetryableError {}

/** What a step found that was begun before, and whose effect nobody knows of. */
export class UnknownEffectError extends EbbError {
  constructor(message: string, options?: ErrorOptions) {
    super('EBB_TERMINAL', message, options);
  }
}

export interface SettlementOptions {
  readonly service: string;
  readonly retentionMs: number;
}

/** What becomes of deliveries that did not take effect: tried again, parked, or answered with what an earlier one came to. */
export class Settlement {
  readonly #connections: Connections;
  readonly #options: SettlementOptions;

  constructor(connections: Connections, options: SettlementOptions) {
    this.#connections = connections;
    this.#options = options;
  }

  /** Answers what an earlier delivery of the same event came to; waits for one that is under way. */
  async answerStored(delivery: DeliveryKey, waitMs = 0): Promise<DeliveryResult> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const [stored] = await this.#connections.query<StoredDelivery>(storedDelivery(delivery));
      if (stored && stored.payload_sha !== delivery.payloadSha) return this.#parkMismatch(delivery);
      if (stored?.status === 'done') return { outcome: 'duplicate' };
      if (stored?.status === 'waiting') return { outcome: 'waiting' };
      if (stored?.status === 'parked') return { outcome: 'parked', reason: stored.park_reason ?? 'terminal' };
      if (Date.now() >= deadline) return { outcome: 'conflict' };
      await systemClock.sleep(POLL_MS);
    }
  }

  /**
   * Writes a failure down, after what was not committed is rolled back. `count` is the statement that does so and gives how many attempts failed so
   * far; where there is none, nothing was claimed that would have to be given back.
   */
  async settle(delivery: DeliveryKey, error: Error, count?: (isCounted: boolean) => Query): Promise<DeliveryResult> {
    const reason = reasonToPark(error);
    if (reason !== undefined && !count) return this.park(delivery, { reason, error, counted: false });
    // That PostgreSQL went away is not the event's fault: a restart must not use up the budget of all that was in flight.
    if (isOutage(error)) return { outcome: 'retry', error };
    const isCounted = !(error instanceof UncountedError);
    const attempt = await this.#attemptsSoFar(delivery, error, isCounted, count);
    if (attempt === undefined) return this.answerStored(delivery);
    if (reason !== undefined) return this.park(delivery, { reason, error, counted: true });
    if (isCounted && attempt >= delivery.retryBudget)
      return this.park(delivery, { reason: 'budget', error, counted: true });
    return this.#retry(delivery, error);
  }

  async park(delivery: DeliveryKey, parking: Omit<Parking, 'service'>): Promise<DeliveryResult> {
    const { service } = this.#options;
    const rows = await this.#connections.query<ParkedId>(park(delivery, { ...parking, service }));
    return rows.length > 0 ? { outcome: 'parked', reason: parking.reason } : this.answerStored(delivery);
  }

  /** Undefined when the row that it was to wait for has been closed: then it is this delivery's turn. */
  async parkBehind(delivery: DeliveryKey, parkedId: string | null): Promise<DeliveryResult | undefined> {
    const { value: isParked } = await runTransaction(this.#connections, {}, async (tx) => {
      const head = await holdHead(tx, delivery.fn, orderedKeyOf(delivery) ?? '');
      if (head === undefined || head === parkedId) return undefined;
      const { service } = this.#options;
      const error = `waits for ${service}:${head}, an earlier event of its key`;
      const parking: Parking = { service, reason: 'behind', error, counted: true };
      return (await tx.query<ParkedId>(park(delivery, parking))).rows.length > 0;
    });
    if (isParked === undefined) return undefined;
    return isParked ? { outcome: 'parked', reason: 'behind' } : this.answerStored(delivery);
  }

  /** Undefined: a repeated delivery has settled it in the meantime, or it was taken over. */
  async #attemptsSoFar(
    delivery: DeliveryKey,
    error: Error,
    isCounted: boolean,
    count?: (isCounted: boolean) => Query,
  ): Promise<number | undefined> {
    // Nothing was claimed: there is nothing to give back, and nothing to count.
    if (!count && !isCounted) return 0;
    const query = count?.(isCounted) ?? countFailure(delivery, error, this.#options.retentionMs);
    const [failed] = await this.#connections.query<FailureRow>(query);
    return failed?.attempt;
  }

  async #retry(delivery: DeliveryKey, error: Error): Promise<DeliveryResult> {
    const afterMs = error instanceof RetryableError && error.after !== undefined ? durationMs(error.after) : undefined;
    if (afterMs !== undefined && afterMs > (delivery.patienceMs ?? PATIENCE_MS))
      return this.park(delivery, { reason: 'delayed', error, counted: true, afterMs });
    return { outcome: 'retry', error, ...(afterMs !== undefined && { afterMs }) };
  }

  async #parkMismatch(delivery: DeliveryKey): Promise<DeliveryResult> {
    const what = delivery.businessKey === undefined ? 'event' : `business key "${delivery.businessKey}"`;
    const error = new EbbError('EBB_RUNTIME', `the same ${what} came before with another payload`);
    await this.#connections.query(parkMismatch(delivery, this.#options.service, error));
    return { outcome: 'parked', reason: 'payload-mismatch' };
  }
}

const FINAL_CODES: ReadonlySet<ErrorCode> = new Set(['EBB_TERMINAL', 'EBB_TOO_LARGE']);

/** Failures that no later attempt can mend. */
function reasonToPark(error: Error): ParkReason | undefined {
  if (error instanceof UnknownEffectError) return 'step-unknown';
  if (error instanceof TerminalError) return 'terminal';
  if (error instanceof SchemaViolationError) return 'schema';
  return error instanceof EbbError && FINAL_CODES.has(error.code) ? 'terminal' : undefined;
}

export function errorOf(thrown: unknown): Error {
  return types.isNativeError(thrown) ? thrown : new Error(messageOf(thrown), { cause: thrown });
}
