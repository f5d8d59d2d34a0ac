import { EbbError, systemClock } from '@ebb/core';
import type { PoolClient, QueryResult } from 'pg';
import { driverQuery, type Connections, type Query } from './connections.ts';
import { cutOff } from './cut-off.ts';
import type { OutboxEvent, Transaction } from './database.ts';
import { outboxInsert, outboxRow, type OutboxRow } from './outbox/enqueue.ts';
import { fromConnection } from './outage.ts';
import { isStalePlan } from './pg-errors.ts';
import { preparedOf, type Sql } from './sql.ts';
import { inStatementSpan } from './statement-span.ts';
import { TimerChanges } from './timer/timer-changes.ts';
import type { Timer } from './timer/timer.ts';

/** A connection that does not roll back within this time is busy with a statement that nobody waits for any more. */
const ROLLBACK_TIMEOUT_MS = 250;

const BEGIN: Query = { name: 'ebb_begin', text: 'BEGIN ISOLATION LEVEL READ COMMITTED', untraced: true };
const LIMITS = `
SELECT set_config('idle_in_transaction_session_timeout', $1, true), set_config('statement_timeout', $1, true)`;
/** Sent with BEGIN, ahead of the first statement. It sets the two limits of {@link LIMITS} itself, to so many milliseconds. */
export type First = (limitMs: string) => Query;

const COMMIT: Query = { name: 'ebb_commit', text: 'COMMIT' };

/**
 * A transaction from its first statement to COMMIT or ROLLBACK. It has no connection before, and one in which nothing was asked of PostgreSQL
 * never gets one. BEGIN shares a round trip with the first statement, COMMIT with what is written at the end.
 */
export class OpenTransaction {
  readonly #connections: Connections;
  readonly #limitMs: string;
  readonly #first: First | undefined;
  readonly #outbox: OutboxRow[] = [];
  readonly #timers = new TimerChanges();
  #client: PoolClient | undefined;
  #connecting: Promise<PoolClient> | undefined;
  /** Settles with BEGIN and what goes with it: nothing is sent behind it before that, since without it nothing could be taken back. */
  #begun: Promise<unknown> | undefined;
  #broken: Error | undefined;
  #isUsable = true;
  #over = false;
  #released = false;

  /** The first statement is not run when `first` fails. */
  constructor(connections: Connections, timeoutMs: number, first?: First) {
    this.#connections = connections;
    this.#limitMs = String(Math.ceil(timeoutMs));
    this.#first = first;
  }

  /** Whether anything was asked of PostgreSQL. */
  get isBegun(): boolean {
    return this.#begun !== undefined;
  }

  get changesTimers(): boolean {
    return this.#timers.query() !== undefined;
  }

  /** Why the connection broke. */
  get broken(): Error | undefined {
    return this.#broken;
  }

  /** Takes a connection; nothing is sent yet. */
  async connect(): Promise<void> {
    await this.#connect();
  }

  /** What a handler is given once there is a connection. */
  context(attempt: number): Transaction {
    const { db, enqueue, schedule, cancel } = this;
    const client = (): PoolClient => this.#begunClient();
    return {
      db,
      get client() {
        return client();
      },
      attempt,
      enqueue,
      schedule,
      cancel,
    };
  }

  readonly db: Sql = async <Row extends object>(strings: TemplateStringsArray, ...values: readonly unknown[]) => {
    const { rows } = await this.query(preparedOf(strings, values));
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
    const client = this.#client ?? (await this.#connect());
    this.#assertOpen();
    // Without values it may consist of several statements, which only a message of its own can carry.
    const isSimple = query.name === undefined && (query.values ?? []).length === 0;
    if (this.#begun === undefined && !isSimple) return (await this.#begin(client, [query])) as QueryResult<Row>;
    await (this.#begun ?? this.#begin(client, []));
    this.#assertOpen();
    return this.#send(client, query);
  }

  /** Ends the transaction without a COMMIT of its own, for whoever writes its events otherwise. */
  takeOutbox(): readonly OutboxRow[] {
    this.#over = true;
    return this.#outbox;
  }

  /** Resolves to whether there is something new for the relay. */
  async commit(): Promise<boolean> {
    const isOver = this.#over;
    this.#over = true;
    const writes = [this.#outbox.length > 0 ? outboxInsert(this.#outbox) : undefined, this.#timers.query()];
    const needed = writes.filter((write) => write !== undefined);
    if (isOver || (this.#begun === undefined && needed.length === 0)) return false;
    const opening = this.#begun === undefined ? this.#opening() : [];
    await this.#begun;
    const client = await this.#connect();
    this.#begun = Promise.resolve();
    const results = await Promise.all(this.#connections.together(client, [...opening, ...needed, COMMIT]));
    // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and calls that a success.
    if (results.at(-1)?.command !== 'COMMIT') {
      throw new EbbError(
        'EBB_RUNTIME',
        'nothing was committed: a statement failed and the handler went on (let the error pass, or use a savepoint)',
      );
    }
    return needed.length > 0;
  }

  /** Never rejects. */
  async rollback(reason: unknown): Promise<void> {
    this.#over = true;
    this.#isUsable = !isStalePlan(reason);
    if (this.#begun === undefined || this.#client === undefined) return;
    const given = new AbortController();
    const rolledBack = this.#client.query('ROLLBACK').then(
      () => true,
      () => false,
    );
    const overdue = systemClock.sleep(ROLLBACK_TIMEOUT_MS, given.signal).then(
      () => false,
      () => false,
    );
    const isRolledBack = await Promise.race([rolledBack, overdue]);
    given.abort();
    if (isRolledBack) return;
    this.#isUsable = false;
    cutOff(this.#client);
  }

  /** Gives the connection back. */
  release(): void {
    this.#over = true;
    this.#released = true;
    this.#client?.off('error', this.#onError);
    this.#client?.release(this.#broken ?? !this.#isUsable);
    this.#client = undefined;
  }

  /** @throws why the transaction could not begin, `first` included; nothing when it did, or was not needed yet */
  async opened(): Promise<void> {
    await this.#begun;
  }

  readonly #onError = (error: Error): void => {
    this.#broken ??= fromConnection(error);
  };

  #connect(): Promise<PoolClient> {
    return (this.#connecting ??= this.#take());
  }

  async #take(): Promise<PoolClient> {
    const client = await this.#connections.connect();
    if (this.#released) {
      // Whoever asked did not wait for it.
      client.release();
      this.#assertOpen();
    }
    client.on('error', this.#onError);
    return (this.#client = client);
  }

  #opening(): readonly Query[] {
    const [limitMs, first] = [this.#limitMs, this.#first];
    return [BEGIN, first ? first(limitMs) : { name: 'ebb_limits', text: LIMITS, values: [limitMs], untraced: true }];
  }

  /** What the driver is asked directly has to be inside of the transaction, too. */
  #begunClient(): PoolClient {
    this.#assertOpen();
    if (!this.#client) throw new EbbError('EBB_RUNTIME', 'the transaction has no connection yet');
    if (this.#begun === undefined) void this.#begin(this.#client, []).catch(() => undefined);
    return this.#client;
  }

  /** Resolves to the result of the last statement; `#begun` to whether the transaction could begin. */
  async #begin(client: PoolClient, queries: readonly Query[]): Promise<QueryResult | undefined> {
    const opening = this.#opening();
    const results = this.#connections.together(client, [...opening, ...queries]);
    this.#begun = Promise.all(results.slice(0, opening.length));
    this.#begun.catch(() => undefined);
    return results.at(-1);
  }

  async #send<Row extends object>(client: PoolClient, query: Query): Promise<QueryResult<Row>> {
    // A statement that failed in a round trip with others may be there under its name; who sends them so closes it first.
    if (query.name !== undefined) return this.#connections.together(client, [query])[0] as Promise<QueryResult<Row>>;
    const send = () => client.query<Row>(driverQuery(query));
    try {
      return await inStatementSpan(this.#connections.tracer, query.text, send, query.span);
    } catch (error) {
      throw fromConnection(error);
    }
  }

  /** A late statement would run in whatever transaction the connection serves next. */
  #assertOpen(): void {
    if (this.#over) throw new EbbError('EBB_RUNTIME', 'the transaction is over: await every statement that you start');
  }
}
