import { EbbError, systemClock } from '@ebb/core';
import type { PoolClient, QueryResult } from 'pg';
import { driverQuery, type Connections, type Query } from './connections.ts';
import { cutOff } from './cut-off.ts';
import type { OutboxEvent, Transaction, TransactionOptions } from './database.ts';
import { outboxInsert, outboxRow, type OutboxRow } from './outbox/enqueue.ts';
import { fromConnection } from './outage.ts';
import { isTurnedBack } from './pg-errors.ts';
import { statementOf, type Sql } from './sql.ts';
import { inStatementSpan } from './statement-span.ts';
import { TimerChanges } from './timer/timer-changes.ts';
import type { Timer } from './timer/timer.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_RUNS = 3;
const FIRST_PAUSE_MS = 10;
/** A connection that does not roll back within this time is busy with a statement that nobody waits for any more. */
const ROLLBACK_TIMEOUT_MS = 250;

/** What a committed transaction gave. */
export interface Committed<T> {
  readonly value: T;
  /** Whether events or timers wait for the relay. */
  readonly enqueued: boolean;
}

/** Runs a transaction, and again from the start when PostgreSQL turned it back because of another one. */
export async function runTransaction<T>(
  connections: Connections,
  options: TransactionOptions,
  run: (tx: OpenTransaction) => Promise<T>,
): Promise<Committed<T>> {
  for (let nth = 1; ; nth += 1) {
    options.signal?.throwIfAborted();
    try {
      return await runOnce(connections, options, run);
    } catch (error) {
      if (!isTurnedBack(error) || nth === MAX_RUNS) throw error;
      // The other one goes on in the meantime; chance keeps two from meeting in the same way again.
      await systemClock.sleep(FIRST_PAUSE_MS * nth * (0.5 + Math.random()), options.signal);
    }
  }
}

async function runOnce<T>(
  connections: Connections,
  { signal, timeoutMs = DEFAULT_TIMEOUT_MS }: TransactionOptions,
  run: (tx: OpenTransaction) => Promise<T>,
): Promise<Committed<T>> {
  const client = await connections.connect();
  const tx = new OpenTransaction(client, connections.tracer);
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken ??= fromConnection(error);
  };
  client.on('error', onError);
  let release = false;
  try {
    const begun = tx.begin(timeoutMs);
    const value = await run(tx);
    await begun;
    signal?.throwIfAborted();
    const enqueued = await tx.commit();
    return { value, enqueued };
  } catch (error) {
    if (!(await tx.rollback())) {
      cutOff(client);
      release = true;
    }
    // The statement says only that the connection is gone; the connection's own error says why.
    throw broken ?? error;
  } finally {
    client.off('error', onError);
    client.release(broken ?? release);
  }
}

/** A transaction on one connection, from BEGIN to COMMIT or ROLLBACK. */
export class OpenTransaction {
  readonly #client: PoolClient;
  readonly #tracer: Connections['tracer'];
  readonly #outbox: OutboxRow[] = [];
  readonly #timers = new TimerChanges();
  #over = false;

  constructor(client: PoolClient, tracer: Connections['tracer']) {
    this.#client = client;
    this.#tracer = tracer;
  }

  /** What a handler is given. */
  context(attempt: number): Transaction {
    return {
      db: this.db,
      client: this.#client,
      attempt,
      enqueue: this.enqueue,
      schedule: this.schedule,
      cancel: this.cancel,
    };
  }

  readonly db: Sql = async <Row extends object>(strings: TemplateStringsArray, ...values: readonly unknown[]) => {
    const { rows } = await this.query(statementOf(strings, values));
    return rows as Row[];
  };

  /** The rows are written at the end, in one round trip with the COMMIT. */
  readonly enqueue = (events: readonly OutboxEvent[]): Promise<void> =>
    new Promise((resolve) => {
      this.#assertOpen();
      this.#outbox.push(...events.map(outboxRow));
      resolve();
    });

  /** As {@link enqueue}: written at the end. */
  readonly schedule = (timer: Timer): Promise<void> =>
    new Promise((resolve) => {
      this.#assertOpen();
      this.#timers.schedule(timer);
      resolve();
    });

  readonly cancel = (name: string): Promise<void> =>
    new Promise((resolve) => {
      this.#assertOpen();
      this.#timers.cancel(name);
      resolve();
    });

  async query<Row extends object>(query: Query): Promise<QueryResult<Row>> {
    this.#assertOpen();
    return this.#send(query);
  }

  /** Not awaited before the first statement, so that both share a round trip. */
  begin(timeoutMs: number): Promise<unknown> {
    const limit = Math.ceil(timeoutMs);
    const begun = this.#client.query(
      `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = ${limit}; SET LOCAL statement_timeout = ${limit}`,
    );
    begun.catch(() => undefined);
    return begun;
  }

  /** Resolves to whether there is something new for the relay. */
  async commit(): Promise<boolean> {
    this.#over = true;
    const writes = [this.#outbox.length > 0 ? outboxInsert(this.#outbox) : undefined, this.#timers.query()];
    // Sent together; the first that fails says why.
    const written = writes.filter((write) => write !== undefined).map((write) => this.#send(write));
    const committed = this.#send({ text: 'COMMIT' });
    const failed = (await Promise.allSettled([...written, committed])).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and calls that a success.
    if ((await committed).command !== 'COMMIT') {
      throw new EbbError(
        'EBB_RUNTIME',
        'nothing was committed: a statement failed and the handler went on (let the error pass, or use a savepoint)',
      );
    }
    return written.length > 0;
  }

  /** False when the connection cannot be used any more. */
  async rollback(): Promise<boolean> {
    this.#over = true;
    const given = new AbortController();
    const rolledBack = this.#client.query('ROLLBACK').then(
      () => true,
      () => false,
    );
    const overdue = systemClock.sleep(ROLLBACK_TIMEOUT_MS, given.signal).then(
      () => false,
      () => false,
    );
    try {
      return await Promise.race([rolledBack, overdue]);
    } finally {
      given.abort();
    }
  }

  async #send<Row extends object>(query: Query): Promise<QueryResult<Row>> {
    const send = () => this.#client.query<Row>(driverQuery(query));
    try {
      return await inStatementSpan(this.#tracer, query.text, send, query.span);
    } catch (error) {
      throw fromConnection(error);
    }
  }

  /** A late statement would run in whatever transaction the connection serves next. */
  #assertOpen(): void {
    if (this.#over) throw new EbbError('EBB_RUNTIME', 'the transaction is over: await every statement that you start');
  }
}
