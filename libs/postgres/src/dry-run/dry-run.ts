import type { Connections } from '../connections.ts';
import type { OutboxEvent, Transaction, TransactionOptions } from '../database.ts';
import type { OpenTransaction } from '../open-transaction.ts';
import { errorOf } from '../delivery/settlement.ts';
import { outboxRow } from '../outbox/enqueue.ts';
import type { Timer } from '../timer/timer.ts';
import { runTransaction } from '../transaction.ts';
import { changesSince, countsOf, type TableChanges } from './changes.ts';

/** What a transaction would have done, had it been committed. */
export interface DryRun {
  /** Why it would not have been. */
  readonly error?: Error;
  /** In the order in which they would be published. */
  readonly events: readonly OutboxEvent[];
  readonly timers: readonly Timer[];
  /** Names of timers that would be taken back. */
  readonly cancelled: readonly string[];
  readonly tables: readonly TableChanges[];
}

/** Carries the result past the rollback. */
class RolledBack extends Error {
  readonly result: DryRun;

  constructor(result: DryRun) {
    super('a dry run is always rolled back');
    this.result = result;
  }
}

/** Runs `run` in a transaction that is rolled back, whatever comes of it, and tells what it did. */
export async function dryRun(
  connections: Connections,
  run: (tx: Transaction) => Promise<unknown>,
  options: TransactionOptions,
): Promise<DryRun> {
  try {
    await runTransaction(connections, options, async (tx) => {
      await tx.connect();
      throw new RolledBack(await rehearse(tx, run));
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.result;
    throw error;
  }
  throw new TypeError('unreachable: the transaction always ends in RolledBack');
}

async function rehearse(tx: OpenTransaction, run: (tx: Transaction) => Promise<unknown>): Promise<DryRun> {
  const events: OutboxEvent[] = [];
  const timers: Timer[] = [];
  const cancelled: string[] = [];
  const before = await countsOf(tx);
  const own = tx.context(1);
  const context: Transaction = {
    db: own.db,
    get client() {
      return own.client;
    },
    attempt: 1,
    enqueue: inPromise((added: readonly OutboxEvent[]) => {
      added.forEach(outboxRow);
      events.push(...added);
    }),
    schedule: inPromise((timer: Timer) => {
      outboxRow(timer);
      timers.push(timer);
    }),
    cancel: inPromise((name: string) => void cancelled.push(name)),
  };
  const error = await run(context).then(
    () => undefined,
    (thrown: unknown) => errorOf(thrown),
  );
  // After a statement that failed PostgreSQL answers no other one.
  const tables = await changesSince(before, tx).catch(() => []);
  return { ...(error && { error }), events, timers, cancelled, tables };
}

/** What an executor throws rejects the promise. */
function inPromise<T>(work: (argument: T) => void): (argument: T) => Promise<void> {
  return (argument) =>
    new Promise((resolve) => {
      work(argument);
      resolve();
    });
}
