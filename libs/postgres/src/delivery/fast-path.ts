import { EbbError } from '@ebb/core';
import type { Connections } from '../connections.ts';
import type { DeliveryKey, Transaction, TransactionOptions } from '../database.ts';
import type { OpenTransaction } from '../open-transaction.ts';
import { isOutage } from '../outage.ts';
import { runTransaction } from '../transaction.ts';
import type { OnCrashPoint } from './crash-point.ts';
import { claimOrFail, isRefusal } from './plain-claim.ts';
import { errorOf } from './settlement.ts';
import { GroupCommit } from './group-commit.ts';

type Run = (tx: Transaction) => Promise<unknown>;

/** How far the fast path came: to the end, or to where the delivery has to be claimed before `run` is. */
export type Passed =
  { readonly as: 'done'; readonly enqueued: boolean } | { readonly as: 'to-claim'; readonly run: Run };

/** Rolls back: the delivery has to be claimed first. */
class ToClaim extends Error {
  readonly run: Run;

  constructor(run: Run) {
    super('to be claimed first');
    this.run = run;
  }
}

export interface FastPathOptions {
  readonly retentionMs: number;
  readonly onPoint?: OnCrashPoint;
}

/**
 * Processes what nothing speaks against, as nearly every delivery, with as few round trips as there can be. The handler runs before the
 * delivery is claimed, which it cannot tell: the claim goes out with the first statement that it sends, ahead of it, and one that is refused keeps
 * that statement from being run. A handler that sends none is claimed afterwards, in one statement with the events that it emitted. When the
 * claim is refused nothing has happened, and the delivery goes the careful way.
 */
export class FastPath {
  readonly #connections: Connections;
  readonly #options: FastPathOptions;
  readonly #groupCommit: GroupCommit;
  /** Functions that ask which attempt it is, or for the driver itself: both take a claim first. */
  readonly #claimFirst = new Set<string>();

  constructor(connections: Connections, options: FastPathOptions) {
    this.#connections = connections;
    this.#options = options;
    this.#groupCommit = new GroupCommit(connections, options.retentionMs);
  }

  /** @throws what failed with the delivery claimed, and what PostgreSQL failed with */
  async process(delivery: DeliveryKey, run: Run, options: TransactionOptions): Promise<Passed> {
    if (this.#claimFirst.has(delivery.fn)) return { as: 'to-claim', run };
    const first = (limitMs: string) => claimOrFail(delivery, this.#options.retentionMs, limitMs);
    try {
      const { value, enqueued } = await runTransaction(this.#connections, { ...options, first }, (tx) =>
        this.#processIn(tx, delivery, run, options.signal),
      );
      return { as: 'done', enqueued: enqueued || value };
    } catch (error) {
      if (error instanceof ToClaim) return { as: 'to-claim', run: error.run };
      if (isRefusal(error)) return { as: 'to-claim', run };
      throw error;
    }
  }

  /** Resolves to whether events were written already. */
  async #processIn(
    tx: OpenTransaction,
    delivery: DeliveryKey,
    run: Run,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const ask = (): never => {
      this.#claimFirst.add(delivery.fn);
      throw new EbbError('EBB_RUNTIME', 'the delivery is claimed first, and the handler is run again');
    };
    const failure = await failureOf(() => run(new WithoutClaim(tx, ask)));
    // Whatever the handler made of the error.
    if (this.#claimFirst.has(delivery.fn)) throw new ToClaim(run);
    await tx.opened();
    // Of a delivery that is not claimed nothing is counted or parked: it may be a duplicate, or not be its turn.
    if (failure) throw tx.isBegun || isOutage(failure) ? failure : new ToClaim(() => Promise.reject(failure));
    const { onPoint } = this.#options;
    if (onPoint && tx.isBegun) await onPoint('claimed');
    if (onPoint) await onPoint('before-commit');
    if (tx.isBegun || tx.changesTimers) return false;
    signal?.throwIfAborted();
    const outbox = tx.takeOutbox();
    if (!(await this.#groupCommit.commit({ delivery, outbox }))) throw new ToClaim(run);
    return outbox.length > 0;
  }
}

async function failureOf(run: () => Promise<unknown>): Promise<Error | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return errorOf(error);
  }
}

/** What a handler is given whose delivery is not claimed yet. */
class WithoutClaim implements Transaction {
  readonly db: Transaction['db'];
  readonly enqueue: Transaction['enqueue'];
  readonly schedule: Transaction['schedule'];
  readonly cancel: Transaction['cancel'];
  readonly #ask: () => never;

  /** @param ask takes the claim that some of it needs */
  constructor({ db, enqueue, schedule, cancel }: OpenTransaction, ask: () => never) {
    this.db = db;
    this.enqueue = enqueue;
    this.schedule = schedule;
    this.cancel = cancel;
    this.#ask = ask;
  }

  get client(): never {
    return this.#ask();
  }

  get attempt(): never {
    return this.#ask();
  }
}
