import { EbbError, orAborted } from '@ebb/core';
import type { Connections, Query } from '../connections.ts';
import type { DeliveryKey, Transaction } from '../database.ts';
import { inboxKeyOf, type InboxKey } from '../delivery/inbox-key.ts';
import { errorText } from '../parked/error-text.ts';
import { closeParked } from '../parked/turn.ts';
import type { OpenTransaction } from '../open-transaction.ts';
import { runTransaction } from '../transaction.ts';

/** Somebody else took the delivery over, or may have: whatever this process still does for it must not count. */
export class LeaseLostError extends EbbError {
  constructor(fn: string, eventId: string) {
    super(
      'EBB_RUNTIME',
      `the lease on event ${eventId} for function "${fn}" was lost: another process may have taken over`,
    );
  }
}

/** Whoever holds the lease holds this row; a takeover waits for it, and it for a takeover. */
const HOLD = `SELECT FROM inbox WHERE fn = $1 AND source = $2 AND event_id = $3 AND lease_token = $4 AND status = 'running' FOR UPDATE`;

const FINISH = `
UPDATE inbox SET status = 'done', lease_token = NULL, lease_until = NULL, expires_at = now() + $5 * interval '1 millisecond'
WHERE fn = $1 AND source = $2 AND event_id = $3 AND lease_token = $4`;

const SUSPEND = `
UPDATE inbox SET status = 'waiting', lease_token = NULL, lease_until = NULL
WHERE fn = $1 AND source = $2 AND event_id = $3 AND lease_token = $4`;

const EXTEND = `
UPDATE inbox SET lease_until = clock_timestamp() + $5 * interval '1 millisecond'
WHERE fn = $1 AND source = $2 AND event_id = $3 AND lease_token = $4 AND status = 'running' RETURNING attempt`;

/** An attempt that does not count is taken back. */
const FAIL = `
UPDATE inbox SET status = 'failed', attempt = attempt - $5, last_error = $6, lease_token = NULL, lease_until = NULL,
  expires_at = now() + $7 * interval '1 millisecond'
WHERE fn = $1 AND source = $2 AND event_id = $3 AND lease_token = $4 AND status = 'running' RETURNING attempt`;

export interface LeaseOptions {
  readonly token: string;
  readonly attempt: number;
  readonly parkedId: string | null;
  readonly leaseMs: number;
  readonly retentionMs: number;
  readonly onEnqueued: () => void;
}

/** A delivery that this process alone may work on. Every write carries the lease's token, so that a process that came back from the dead writes nothing. */
export class HeldLease {
  readonly attempt: number;
  readonly #connections: Connections;
  readonly #delivery: DeliveryKey;
  readonly #options: LeaseOptions;
  readonly #lost = new AbortController();

  constructor(connections: Connections, delivery: DeliveryKey, options: LeaseOptions) {
    this.attempt = options.attempt;
    this.#connections = connections;
    this.#delivery = delivery;
    this.#options = options;
  }

  get key(): InboxKey {
    return inboxKeyOf(this.#delivery);
  }

  /** Aborted when the lease was lost (reason: LeaseLostError). */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Runs one transaction as the holder of the lease. It is rolled back when `signal` is aborted: until then it holds the row of the delivery, which
   * would keep this process from saying how it went.
   * @throws LeaseLostError, and nothing is written
   */
  async transaction<T>(
    run: (tx: Transaction, raw: OpenTransaction) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const options = signal ? { signal } : {};
    const { value, enqueued } = await runTransaction(this.#connections, options, (tx) =>
      orAborted(this.#hold(tx, run), signal),
    );
    if (enqueued) this.#options.onEnqueued();
    return value;
  }

  /** The end: committed together with what `run` writes. @throws LeaseLostError */
  async finish(run: (tx: Transaction) => Promise<void>): Promise<void> {
    const { retentionMs, parkedId, onEnqueued } = this.#options;
    const sentNext = await this.transaction(async (tx, raw) => {
      await run(tx);
      await raw.query({ text: FINISH, values: [...this.#holder(), retentionMs], span: 'UPDATE inbox' });
      return parkedId !== null && (await closeParked(raw, parkedId, { as: 'done' }));
    }, undefined);
    if (sentNext) onEnqueued();
  }

  /** Gives the lease back, in a transaction of its holder, until the event is sent again. */
  async suspend(raw: OpenTransaction): Promise<void> {
    await raw.query({ text: SUSPEND, values: this.#holder(), span: 'UPDATE inbox' });
  }

  /** @throws LeaseLostError */
  async extend(): Promise<void> {
    await this.write({ name: 'ebb_lease_extend', text: EXTEND, values: [this.#options.leaseMs] });
  }

  /**
   * Runs one statement outside of a transaction that gives a row only to the holder of the lease, whose key and token are its first four values.
   * @throws LeaseLostError
   */
  async write({ values = [], ...query }: Query): Promise<void> {
    const held = await this.#connections.query({ ...query, values: [...this.#holder(), ...values] });
    if (held.length === 0) throw this.lose();
  }

  /** Everything that a table remembers of this delivery. */
  read<Row extends object>({ values = [], ...query }: Query): Promise<Row[]> {
    const { fn, source, eventId } = this.key;
    return this.#connections.query<Row>({ ...query, values: [fn, source, eventId, ...values] });
  }

  /** Writes down that this attempt failed, and gives the lease back. */
  fail(error: Error, isCounted: boolean): Query {
    const { retentionMs } = this.#options;
    return { text: FAIL, values: [...this.#holder(), isCounted ? 0 : 1, errorText(error), retentionMs] };
  }

  /** Tells the holder to stop. */
  lose(): LeaseLostError {
    const error = new LeaseLostError(this.#delivery.fn, this.#delivery.id);
    this.#lost.abort(error);
    return error;
  }

  async #hold<T>(tx: OpenTransaction, run: (tx: Transaction, raw: OpenTransaction) => Promise<T>): Promise<T> {
    const { rowCount } = await tx.query({ text: HOLD, values: this.#holder(), span: 'SELECT inbox' });
    if (rowCount !== 1) throw this.lose();
    return run(tx.context(this.attempt), tx);
  }

  #holder(): unknown[] {
    const { fn, source, eventId } = this.key;
    return [fn, source, eventId, this.#options.token];
  }
}
