import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database, DeliveryKey, DeliveryResult } from '@ebb/postgres';

/** How one delivery went, as its database knows it. An answer over HTTP says less: 204 stands for several outcomes. */
export interface Result {
  readonly source: string;
  readonly id: string;
  readonly outcome: DeliveryResult['outcome'];
  readonly reason?: Extract<DeliveryResult, { outcome: 'parked' }>['reason'];
}

/** A database, and what the deliveries of one request came to. Requests that run at the same time are told apart. */
export interface ObservedDatabase {
  readonly database: Database;
  observe<T>(run: () => Promise<T>): Promise<{ readonly value: T; readonly results: readonly Result[] }>;
}

export function observed(inner: Database): ObservedDatabase {
  const current = new AsyncLocalStorage<Result[]>();
  const note = (delivery: DeliveryKey, result: DeliveryResult): void => {
    current.getStore()?.push(resultOf(delivery, result));
  };
  const noting = async (delivery: DeliveryKey, delivered: Promise<DeliveryResult>): Promise<DeliveryResult> => {
    const result = await delivered;
    note(delivery, result);
    return result;
  };
  const database: Database = {
    ...inner,
    deliver: (delivery, run, options) => noting(delivery, inner.deliver(delivery, run, options)),
    deliverBatch: async (batch, options) => {
      const results = await inner.deliverBatch(batch, options);
      batch.forEach(({ delivery }, at) => {
        const result = results[at];
        if (result) note(delivery, result);
      });
      return results;
    },
    lease: (delivery, leaseMs, run) => noting(delivery, inner.lease(delivery, leaseMs, run)),
    signal: (delivery, awaited) => noting(delivery, inner.signal(delivery, awaited)),
  };
  const observe: ObservedDatabase['observe'] = async (run) => {
    const results: Result[] = [];
    return { value: await current.run(results, run), results };
  };
  return { database, observe };
}

function resultOf({ source, id }: DeliveryKey, result: DeliveryResult): Result {
  const reason = result.outcome === 'parked' ? { reason: result.reason } : {};
  return { source, id, outcome: result.outcome, ...reason };
}
