import { systemClock } from '@ebb/core';
import type { Connections } from './connections.ts';
import type { TransactionOptions } from './database.ts';
import { OpenTransaction, type First } from './open-transaction.ts';
import { isTurnedBack } from './pg-errors.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_RUNS = 3;
const FIRST_PAUSE_MS = 10;

/** What a committed transaction gave. */
export interface Committed<T> {
  readonly value: T;
  /** Whether events or timers wait for the relay. */
  readonly enqueued: boolean;
}

export interface RunOptions extends TransactionOptions {
  /** Sent with BEGIN, ahead of the first statement; when it fails, that is not run. */
  readonly first?: First;
}

/** Runs a transaction, and again from the start when PostgreSQL turned it back because of another one. */
export async function runTransaction<T>(
  connections: Connections,
  options: RunOptions,
  run: (tx: OpenTransaction) => Promise<T>,
): Promise<Committed<T>> {
  return repeatedly(() => runOnce(connections, options, run), options.signal);
}

/** Does work again, up to three times in all, that PostgreSQL turned back. */
export async function repeatedly<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let nth = 1; ; nth += 1) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isTurnedBack(error) || nth === MAX_RUNS) throw error;
      // The other one goes on in the meantime; chance keeps two from meeting in the same way again.
      await systemClock.sleep(FIRST_PAUSE_MS * nth * (0.5 + Math.random()), signal);
    }
  }
}

async function runOnce<T>(
  connections: Connections,
  { signal, timeoutMs = DEFAULT_TIMEOUT_MS, first }: RunOptions,
  run: (tx: OpenTransaction) => Promise<T>,
): Promise<Committed<T>> {
  const tx = new OpenTransaction(connections, timeoutMs, first);
  try {
    const value = await run(tx);
    signal?.throwIfAborted();
    return { value, enqueued: await tx.commit() };
  } catch (error) {
    await tx.rollback(error);
    // The statement says only that the connection is gone; the connection's own error says why.
    throw tx.broken ?? error;
  } finally {
    tx.release();
  }
}
