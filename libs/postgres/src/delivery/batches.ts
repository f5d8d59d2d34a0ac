import type { Connections } from '../connections.ts';
import type { BatchedDelivery, DeliveryResult, TransactionOptions } from '../database.ts';
import { isOutage } from '../outage.ts';
import type { OpenTransaction } from '../open-transaction.ts';
import { shardOf } from '../outbox/shard.ts';
import { runTransaction } from '../transaction.ts';
import type { OnCrashPoint } from './crash-point.ts';
import { textOfKey } from './inbox-key.ts';
import { attemptsOf } from './batch-claim.ts';
import { Lane } from './lane.ts';

import { errorOf } from './settlement.ts';

/** Groups of keys of one function, a transaction at a time for each: no two of them meet on a key, so that none waits for another. */
const GROUPS = 4;
/** A transaction of more gains nothing, and holds what it has locked for longer. */
const MAX_TOGETHER = 100;

/** Delivers one event by itself. */
export type DeliverOne = (batched: BatchedDelivery, options: TransactionOptions) => Promise<DeliveryResult>;

export interface BatchesOptions {
  readonly retentionMs: number;
  readonly deliver: DeliverOne;
  readonly onEnqueued: () => void;
  readonly onPoint?: OnCrashPoint;
}

/** What a batch has of one group of keys, in its order. */
interface Part {
  readonly group: readonly BatchedDelivery[];
  readonly options: TransactionOptions;
  readonly resolve: (results: readonly DeliveryResult[]) => void;
}

/**
 * Processes batches: the events of a group of partition keys in one transaction, in their order, the groups in parallel. Batches that come while
 * others are under way share the next transaction. Where anything is not plain sailing the transaction is rolled back, and its events are
 * delivered one by one, so that what fails does so alone.
 */
export class Batches {
  readonly #connections: Connections;
  readonly #options: BatchesOptions;
  /** Function and group → its lane: batches that come at the same time do not meet on a key. */
  readonly #lanes = new Map<string, Lane<Part>>();

  constructor(connections: Connections, options: BatchesOptions) {
    this.#connections = connections;
    this.#options = options;
  }

  /** Never rejects. The results are in the order of the events. */
  async deliver(batch: readonly BatchedDelivery[], options: TransactionOptions): Promise<readonly DeliveryResult[]> {
    const results: DeliveryResult[] = [];
    const groups = new Map<string, number[]>();
    batch.forEach((batched, at) => {
      const group = groupOf(batched);
      const places = groups.get(group);
      if (places) places.push(at);
      else groups.set(group, [at]);
    });
    const deliverGroup = async (name: string, places: readonly number[]): Promise<void> => {
      const group = places.flatMap((at) => batch[at] ?? []);
      const ofGroup = await new Promise<readonly DeliveryResult[]>((resolve) =>
        this.#laneOf(name).add({ group, options, resolve }),
      );
      ofGroup.forEach((result, nth) => (results[places[nth] ?? 0] = result));
    };
    await Promise.all([...groups].map(([name, places]) => deliverGroup(name, places)));
    return results;
  }

  #laneOf(name: string): Lane<Part> {
    let lane = this.#lanes.get(name);
    if (!lane) {
      lane = new Lane({ goTogether, work: (parts) => this.#deliverParts(parts) });
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  /** Never rejects. */
  async #deliverParts(parts: readonly Part[]): Promise<void> {
    const [first] = parts;
    const all = parts.flatMap(({ group }) => group);
    const together = first && parts.length > 1 ? await this.#deliverTogether(all, first.options) : undefined;
    let from = 0;
    for (const { group, options, resolve } of parts) {
      resolve(together?.slice(from, (from += group.length)) ?? (await this.#deliverGroup(group, options)));
    }
  }

  async #deliverGroup(
    group: readonly BatchedDelivery[],
    options: TransactionOptions,
  ): Promise<readonly DeliveryResult[]> {
    const results: DeliveryResult[] = [];
    const stopped = new Map<string, DeliveryResult>();
    for (let from = 0; from < group.length; from += MAX_TOGETHER) {
      const some = group.slice(from, from + MAX_TOGETHER);
      const together = stopped.size === 0 ? await this.#deliverTogether(some, options) : undefined;
      results.push(...(together ?? (await this.#deliverEach(some, stopped, options))));
    }
    return results;
  }

  /** Undefined when they have to go one by one; nothing has happened then. */
  async #deliverTogether(
    some: readonly BatchedDelivery[],
    options: TransactionOptions,
  ): Promise<readonly DeliveryResult[] | undefined> {
    // Of an event that is there twice, the second is a duplicate, or a forgery; a statement claims each only once.
    if (new Set(some.map(({ delivery }) => textOfKey(delivery))).size < some.length) return undefined;
    try {
      const { value, enqueued } = await runTransaction(this.#connections, options, (tx) => this.#runAll(tx, some));
      if (this.#options.onPoint) await this.#options.onPoint('after-commit');
      if (enqueued) this.#options.onEnqueued();
      return value;
    } catch (thrown) {
      const error = errorOf(thrown);
      return isOutage(error) ? some.map(() => ({ outcome: 'retry', error })) : undefined;
    }
  }

  async #runAll(tx: OpenTransaction, some: readonly BatchedDelivery[]): Promise<readonly DeliveryResult[]> {
    const attempts = await attemptsOf(tx, some, this.#options.retentionMs);
    const { onPoint } = this.#options;
    if (onPoint) await onPoint('claimed');
    const results: DeliveryResult[] = [];
    for (const [at, { run }] of some.entries()) {
      const attempt = attempts ? attempts.get(at + 1) : 1;
      if (attempt !== undefined) await run(tx.context(attempt));
      results.push({ outcome: attempt === undefined ? 'duplicate' : 'done' });
    }
    if (onPoint) await onPoint('before-commit');
    return results;
  }

  /** After one that is to come again, those of the same partition key wait for it: they get its result. */
  async #deliverEach(
    some: readonly BatchedDelivery[],
    stopped: Map<string, DeliveryResult>,
    options: TransactionOptions,
  ): Promise<readonly DeliveryResult[]> {
    const results: DeliveryResult[] = [];
    for (const batched of some) {
      const { order, event } = batched.delivery;
      const key = order === 'ordered' ? event.event.partitionkey : undefined;
      const before = key === undefined ? undefined : stopped.get(key);
      const result = before ?? (await this.#options.deliver(batched, options));
      const comesAgain = result.outcome === 'retry' || result.outcome === 'conflict';
      if (comesAgain && key !== undefined) stopped.set(key, result);
      results.push(result);
    }
    return results;
  }
}

/** By the partition key even where order does not count: transactions that change the same rows would wait for each other. */
function groupOf({ delivery: { fn, event } }: BatchedDelivery): string {
  return `${fn}\n${shardOf(event.event.partitionkey ?? event.event.id) % GROUPS}`;
}

/** Those of the first that a transaction takes, each of its deliveries once. */
function goTogether(waiting: readonly Part[]): number {
  const keys = new Set<string>();
  let events = 0;
  for (const [at, { group, options }] of waiting.entries()) {
    for (const { delivery } of group) keys.add(textOfKey(delivery));
    events += group.length;
    if (events > MAX_TOGETHER || keys.size < events || options !== waiting[0]?.options) return at;
  }
  return waiting.length;
}
