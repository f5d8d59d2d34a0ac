import type { CloudEvent } from '@ebb/events';
import type { Database, DeliveryKey, DeliveryResult, OutboxEvent, Transaction } from '@ebb/postgres';

/** A database that remembers what was emitted and how each delivery went. Only what committed counts. */
export class RecordingDatabase implements Database {
  readonly emitted: CloudEvent[] = [];
  readonly #inner: Database;
  readonly #results = new Map<string, DeliveryResult>();

  constructor(inner: Database) {
    this.#inner = inner;
  }

  get db(): Database['db'] {
    return this.#inner.db;
  }

  /** How the last delivery of an event to a function went. */
  resultOf(key: Pick<DeliveryKey, 'fn' | 'source' | 'id'>): DeliveryResult | undefined {
    return this.#results.get(textOf(key));
  }

  transaction: Database['transaction'] = async (run, options) => {
    const recorded = recording(run);
    const value = await this.#inner.transaction(recorded.run, options);
    this.emitted.push(...recorded.events());
    return value;
  };

  deliver: Database['deliver'] = async (delivery, run, options) => {
    const recorded = recording(run);
    const result = await this.#inner.deliver(delivery, recorded.run, options);
    if (result.outcome === 'done') this.emitted.push(...recorded.events());
    this.#results.set(textOf(delivery), result);
    return result;
  };

  deliverBatch: Database['deliverBatch'] = async (batch, options) => {
    const recorded = batch.map(({ run }) => recording(run));
    const recordedBatch = batch.map(({ delivery }, at) => ({ delivery, run: recorded[at]?.run ?? nothing }));
    const results = await this.#inner.deliverBatch(recordedBatch, options);
    results.forEach((result, at) => {
      const { delivery } = batch[at] ?? {};
      if (result.outcome === 'done') this.emitted.push(...(recorded[at]?.events() ?? []));
      if (delivery) this.#results.set(textOf(delivery), result);
    });
    return results;
  };

  lease: Database['lease'] = async (delivery, leaseMs, run) => {
    const result = await this.#inner.lease(delivery, leaseMs, run);
    this.#results.set(textOf(delivery), result);
    return result;
  };

  signal: Database['signal'] = async (delivery, awaited) => {
    const result = await this.#inner.signal(delivery, awaited);
    this.#results.set(textOf(delivery), result);
    return result;
  };

  circuit: Database['circuit'] = (settings) => this.#inner.circuit(settings);

  dryRun: Database['dryRun'] = (run, options) => this.#inner.dryRun(run, options);

  ping(): Promise<void> {
    return this.#inner.ping();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

interface Recorded<T> {
  readonly run: (tx: Transaction) => Promise<T>;
  /** What the run that counted emitted. */
  readonly events: () => readonly CloudEvent[];
}

function recording<T>(run: (tx: Transaction) => Promise<T>): Recorded<T> {
  let events: CloudEvent[] = [];
  return {
    run: (tx) => {
      // A transaction that PostgreSQL turned back runs again, from nothing.
      events = [];
      const enqueue = async (emitted: readonly OutboxEvent[]) => {
        await tx.enqueue(emitted);
        events.push(...emitted.map(({ event }) => event));
      };
      // Not spread: what has a price is got when it is asked for.
      return run(Object.create(tx, { enqueue: { value: enqueue } }) as Transaction);
    },
    events: () => events,
  };
}

const nothing = (): Promise<void> => Promise.resolve();

const textOf = ({ fn, source, id }: Pick<DeliveryKey, 'fn' | 'source' | 'id'>): string => [fn, source, id].join('\n');
