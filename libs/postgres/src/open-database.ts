import type { Secret } from '@ebb/core';
import type { Tracer } from '@opentelemetry/api';
import { Circuit } from './circuit/circuit.ts';
import { Connections } from './connections.ts';
import type { Database, Transaction, TransactionOptions } from './database.ts';
import type { OnCrashPoint } from './delivery/crash-point.ts';
import { Deliveries } from './delivery/deliver.ts';
import { Settlement } from './delivery/settlement.ts';
import { lazily } from './lazily.ts';
import { Notifications } from './notifications.ts';
import { notifyOutbox } from './outbox/notify-outbox.ts';
import { withoutRedelivery } from './redelivery/redelivery.ts';
import { INBOX_RETENTION_MS } from './retention/retention.ts';
import { statementOf, type Sql } from './sql.ts';
import { runTransaction } from './transaction.ts';

export interface DatabaseOptions {
  readonly url: Secret;
  /** Where the service's tables are, the platform's among them. */
  readonly schema: string;
  /** The service's name, by which redeliveries are addressed. Default: the schema's, with hyphens. */
  readonly service?: string;
  /** Traces each statement, without its values. */
  readonly tracer?: Tracer;
  /** Default 10. */
  readonly maxConnections?: number;
  /** How long a delivery is remembered: at least as long as its topic keeps it and a person may send it again. Default 14 days. */
  readonly inboxRetentionMs?: number;
  /** For tests of what becomes of a delivery whose process dies on the way. Default: nobody looks. */
  readonly onPoint?: OnCrashPoint;
}

/** A service's database. Nothing connects, and the driver is not loaded, before the first use. */
export function openDatabase(options: DatabaseOptions): Database {
  const connections = new Connections(options);
  const notifications = new Notifications((schema) => connections.query(notifyOutbox(schema)));
  const onEnqueued = () => notifications.notify(options.schema);
  const identity = {
    service: options.service ?? options.schema.replaceAll('_', '-'),
    retentionMs: options.inboxRetentionMs ?? INBOX_RETENTION_MS,
  };
  const watched = { onEnqueued, ...(options.onPoint && { onPoint: options.onPoint }) };
  const settlement = new Settlement(connections, identity);
  const deliveries = new Deliveries(connections, settlement, { ...identity, ...watched });
  // What most functions never use is loaded when one does: a cold start pays for every module.
  const batches = lazily(async () => {
    const { Batches } = await import('./delivery/batches.ts');
    return new Batches(connections, {
      retentionMs: identity.retentionMs,
      deliver: ({ delivery, run }, transactionOptions) => deliveries.deliver(delivery, run, transactionOptions),
      ...watched,
    });
  });
  const leases = lazily(async () => {
    const { Leases } = await import('./leased/leases.ts');
    return new Leases(connections, settlement, { ...identity, ...watched });
  });
  const db: Sql = <Row extends object>(strings: TemplateStringsArray, ...values: readonly unknown[]) =>
    connections.query<Row>(statementOf(strings, values));
  return {
    db,
    async transaction<T>(
      run: (tx: Transaction) => Promise<T>,
      transactionOptions: TransactionOptions = {},
    ): Promise<T> {
      const { value, enqueued } = await runTransaction(connections, transactionOptions, async (tx) => {
        await tx.connect();
        return run(tx.context(1));
      });
      if (enqueued) onEnqueued();
      return value;
    },
    deliver: (delivery, run, transactionOptions = {}) => deliveries.deliver(delivery, run, transactionOptions),
    deliverBatch: async (batch, transactionOptions = {}) => (await batches()).deliver(batch, transactionOptions),
    lease: async (delivery, leaseMs, run) => (await leases()).run(delivery, leaseMs, run),
    signal: async (delivery, awaited) => {
      const { signal } = await import('./wait/waits.ts');
      const event = withoutRedelivery(delivery.event.event);
      const { fn } = delivery;
      return deliveries.deliver(delivery, (tx) => signal(tx, { ...awaited, fn }, event, identity.retentionMs), {});
    },
    circuit: (settings) => new Circuit(connections, settings),
    async dryRun(run, transactionOptions = {}) {
      const { dryRun } = await import('./dry-run/dry-run.ts');
      return dryRun(connections, run, transactionOptions);
    },
    async ping() {
      await connections.query({ text: 'SELECT 1', span: 'PING' });
    },
    async close() {
      await leases.loaded()?.then((opened) => opened.close());
      await notifications.close();
      await connections.close();
    },
  };
}
