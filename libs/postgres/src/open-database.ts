import type { Secret } from '@ebb/core';
import type { Tracer } from '@opentelemetry/api';
import { Circuit } from './circuit/circuit.ts';
import { Connections } from './connections.ts';
import type { Database, Transaction, TransactionOptions } from './database.ts';
import { Batches } from './delivery/batches.ts';
import type { OnCrashPoint } from './delivery/crash-point.ts';
import { Deliveries } from './delivery/deliver.ts';
import { Settlement } from './delivery/settlement.ts';
import { dryRun } from './dry-run/dry-run.ts';
import { Leases } from './leased/leases.ts';
import { Notifications } from './notifications.ts';
import { notifyOutbox } from './outbox/notify-outbox.ts';
import { withoutRedelivery } from './redelivery/redelivery.ts';
import { INBOX_RETENTION_MS } from './retention/retention.ts';
import { statementOf, type Sql } from './sql.ts';
import { runTransaction } from './transaction.ts';
import { signal } from './wait/waits.ts';

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
  const batches = new Batches(connections, {
    retentionMs: identity.retentionMs,
    deliver: ({ delivery, run }, transactionOptions) => deliveries.deliver(delivery, run, transactionOptions),
    ...watched,
  });
  const leases = new Leases(connections, settlement, { ...identity, ...watched });
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
    deliverBatch: (batch, transactionOptions = {}) => batches.deliver(batch, transactionOptions),
    lease: (delivery, leaseMs, run) => leases.run(delivery, leaseMs, run),
    signal: (delivery, awaited) =>
      deliveries.deliver(
        delivery,
        (tx) =>
          signal(tx, { ...awaited, fn: delivery.fn }, withoutRedelivery(delivery.event.event), identity.retentionMs),
        {},
      ),
    circuit: (settings) => new Circuit(connections, settings),
    dryRun: (run, transactionOptions = {}) => dryRun(connections, run, transactionOptions),
    async ping() {
      await connections.query({ text: 'SELECT 1', span: 'PING' });
    },
    async close() {
      await leases.close();
      await notifications.close();
      await connections.close();
    },
  };
}
