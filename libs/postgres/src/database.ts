import type { DecodedEvent, CloudEvent } from '@ebb/events';
import type { ClientBase } from 'pg';
import type { Circuit, CircuitSettings } from './circuit/circuit.ts';
import type { LeasedDelivery } from './leased/leased-delivery.ts';
import type { LeaseEnd } from './leased/leases.ts';
import type { DryRun } from './dry-run/dry-run.ts';
import type { Sql } from './sql.ts';
import type { Timer } from './timer/timer.ts';
import type { Awaited } from './wait/waits.ts';

/** An event that waits in the outbox until the relay appends it to its topic. */
export interface OutboxEvent {
  readonly event: CloudEvent;
  readonly topic: string;
}

/** What runs inside one transaction. */
export interface Transaction {
  readonly db: Sql;
  /** The driver's client, for what a template cannot express; it belongs to the transaction. */
  readonly client: ClientBase;
  /** Which attempt this is, from 1; only deliveries are counted. */
  readonly attempt: number;
  /**
   * Writes events into the outbox: they are published if the transaction commits, those of one partition key in this order.
   * @throws EbbError EBB_TOO_LARGE for an event of more than 1 MiB
   */
  readonly enqueue: (events: readonly OutboxEvent[]) => Promise<void>;
  /**
   * Has an event published at its time, if the transaction commits. A timer of the same name is replaced.
   * @throws EbbError EBB_TOO_LARGE for an event of more than 1 MiB
   */
  readonly schedule: (timer: Timer) => Promise<void>;
  /** Takes a timer back, if the transaction commits; one that is not there, or went off, is no mistake. */
  readonly cancel: (name: string) => Promise<void>;
}

export interface TransactionOptions {
  readonly signal?: AbortSignal;
  /** A transaction that is idle, or a statement that runs, for longer is ended by PostgreSQL. Default 60 s. */
  readonly timeoutMs?: number;
}

/** One delivery of an event to a function. */
export interface DeliveryKey {
  readonly fn: string;
  readonly source: string;
  readonly id: string;
  /** SHA-256 of the payload: the same key with another payload is parked, not run. */
  readonly payloadSha: string;
  /** Identifies the effect instead of `source` and `id`, where the function names one. */
  readonly businessKey?: string;
  /** The event itself, kept when it is parked. */
  readonly event: DecodedEvent;
  readonly traceId?: string;
  /** Failed attempts after which the event is parked. */
  readonly retryBudget: number;
  /** Ordered: while an event of the same partition key is parked, later ones are parked behind it. Default unordered. */
  readonly order?: 'ordered' | 'unordered';
  /** The longest wait that a handler may ask of the broker; for a longer one the event is parked until it is due. Default 60 s. */
  readonly patienceMs?: number;
  /** What came with the event besides its attributes, kept when it is parked. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One delivery of a batch. */
export interface BatchedDelivery {
  readonly delivery: DeliveryKey;
  readonly run: (tx: Transaction) => Promise<unknown>;
}

/** Why an event was put aside. The table `parked` accepts exactly these. */
export type ParkReason =
  /** The handler said that no retry mends it, or emitted what cannot be carried. */
  | 'terminal'
  | 'schema'
  /** It failed as often as its function allows. */
  | 'budget'
  /** Another payload came before under the same key. */
  | 'payload-mismatch'
  | 'undecodable'
  /** Nobody knows whether a step took effect, and the step wants a person to decide. */
  | 'step-unknown'
  /** Sent on by the relay when it is due: the wait that the handler asked for is longer than a broker's. */
  | 'delayed'
  /** An earlier event of its key is parked; goes on after that one. */
  | 'behind'
  /** The broker gave up on it: PostgreSQL could not be reached for too long. */
  | 'dead-letter';

export type DeliveryResult =
  /** `duplicate`: it took effect before. */
  | { readonly outcome: 'done' | 'duplicate' }
  /** It waits for its time, or for another event, and goes on by itself. */
  | { readonly outcome: 'waiting' }
  /** The same event is being processed at this moment. */
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'parked'; readonly reason: ParkReason }
  | { readonly outcome: 'retry'; readonly error: Error; readonly afterMs?: number };

/** A service's schema in PostgreSQL. Nothing connects before the first use. */
export interface Database {
  /** For statements outside of a transaction. */
  readonly db: Sql;
  /**
   * Runs `run` in one READ COMMITTED transaction. When PostgreSQL turns it back (serialization failure, deadlock) it runs again
   * from the start, up to three times in all, so `run` must have no effects outside of the transaction.
   */
  transaction<T>(run: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Runs `run` for a delivery so that it takes effect exactly once: the inbox row, the handler's SQL and the outbox rows commit together.
   * Never rejects: what `run` throws becomes an outcome.
   */
  deliver(
    delivery: DeliveryKey,
    run: (tx: Transaction) => Promise<unknown>,
    options?: TransactionOptions,
  ): Promise<DeliveryResult>;
  /**
   * Delivers a batch, as {@link deliver} does each, with one transaction for many. Events of one partition key are processed in their order, one after
   * the other; one that fails does so alone. Never rejects; the results are in the order of the batch.
   */
  deliverBatch(batch: readonly BatchedDelivery[], options?: TransactionOptions): Promise<readonly DeliveryResult[]>;
  /**
   * Runs `run` for a delivery on lease: for effects outside of PostgreSQL, and work that takes long. Its steps are remembered, and only the holder of
   * the lease can write. Never rejects.
   */
  lease(
    delivery: DeliveryKey,
    leaseMs: number,
    run: (leased: LeasedDelivery) => Promise<LeaseEnd>,
  ): Promise<DeliveryResult>;
  /** Takes an event that a leased function waits for, or will. Never rejects. */
  signal(delivery: DeliveryKey, awaited: Pick<Awaited, 'type' | 'key'>): Promise<DeliveryResult>;
  /** A dependency outside, as all processes of the service know it. */
  circuit(settings: CircuitSettings): Circuit;
  /** Runs `run` in a transaction that is rolled back in any case, and tells what it would have done. What `run` throws is part of that. */
  dryRun(run: (tx: Transaction) => Promise<unknown>, options?: TransactionOptions): Promise<DryRun>;
  /** Resolves when PostgreSQL answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
