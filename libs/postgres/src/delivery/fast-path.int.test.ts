import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deferred, SchemaViolationError, TerminalError } from '@ebb/core';
import { startTelemetry } from '@ebb/telemetry';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Database, DeliveryKey, DeliveryResult, Transaction } from '../database.ts';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';

describe('the fast path of a delivery', () => {
  let service: ServiceDatabase;

  beforeAll(async () => {
    service = await serviceDatabase();
  });
  afterAll(() => service.close());

  const emit = (what: string) => (tx: Transaction) =>
    tx.enqueue([{ event: exampleEvent({ causationid: what }), topic: 'things' }]);
  const emitted = async (what: string): Promise<number> =>
    (await service.rows('select id from outbox where cause_id = $1', [what])).length;
  const inboxOf = async ({ id }: DeliveryKey): Promise<Record<string, unknown> | undefined> =>
    (await service.rows('select status, attempt, trace_id from inbox where event_id = $1', [id]))[0];
  /** What a delivery asked of PostgreSQL, by the spans of its statements. */
  const statementsOf = async (run: (database: Database) => Promise<DeliveryResult>): Promise<string[]> => {
    const exporter = new InMemorySpanExporter();
    const telemetry = startTelemetry({ service: 'shop', exporter });
    const traced = service.open({ tracer: telemetry.tracer });
    expect(await run(traced)).toEqual({ outcome: 'done' });
    await telemetry.flush();
    const names = exporter.getFinishedSpans().map(({ name }) => name);
    await telemetry.shutdown();
    return names.filter((name) => name !== 'NOTIFY outbox');
  };

  it('is one statement for a handler that only emits, and for one that does nothing', async () => {
    const delivery = deliveryOf();
    expect(await statementsOf((database) => database.deliver(delivery, emit(delivery.id)))).toEqual(['INSERT inbox']);
    expect(await inboxOf(delivery)).toEqual({ status: 'done', attempt: 1, trace_id: delivery.traceId });
    expect(await emitted(delivery.id)).toBe(1);
    expect(await statementsOf((database) => database.deliver(deliveryOf(), () => Promise.resolve()))).toEqual([
      'INSERT inbox',
    ]);
  });

  it('claims with the first statement of the handler, and does not run that when the claim is refused', async () => {
    const delivery = deliveryOf();
    const write = ({ db }: Transaction) => db`insert into effect (what) values (${delivery.id})`;
    const statements = ['INSERT inbox', 'INSERT effect', 'COMMIT'];
    expect(await statementsOf((database) => database.deliver(delivery, write))).toEqual(statements);
    let reached = false;
    const again = await service.database.deliver(delivery, async (tx) => {
      await write(tx).catch(() => undefined);
      await write(tx).catch(() => undefined);
      reached = true;
      await emit(delivery.id)(tx);
    });
    expect({ again, reached }).toEqual({ again: { outcome: 'duplicate' }, reached: true });
    expect(await emitted(delivery.id)).toBe(0);
    expect(await service.rows('select what from effect where what = $1', [delivery.id])).toHaveLength(1);
  });

  it('keeps the text of events as it is, whatever is in it', async () => {
    const data = { text: 'nul \u0000, half \ud83d, "quotes" \\ {}[],', number: 1e21 };
    const deliveries = Array.from({ length: 3 }, () => deliveryOf());
    await Promise.all(
      deliveries.map((each) =>
        service.database.deliver(each, ({ enqueue }) =>
          enqueue([1, 2].map(() => ({ event: exampleEvent({ causationid: each.id, data }), topic: 'things' }))),
        ),
      ),
    );
    const rows = await service.rows<{ event: { data: unknown } }>(
      'select event from outbox where cause_id = any ($1)',
      [deliveries.map(({ id }) => id)],
    );
    expect(rows.map(({ event }) => event.data)).toEqual(Array.from({ length: 6 }, () => data));
  });

  it('writes events, timers and the claim together', async () => {
    const delivery = deliveryOf();
    await service.database.deliver(delivery, async (tx) => {
      await tx.schedule({ name: delivery.id, afterMs: 60_000, event: exampleEvent(), topic: 'things' });
      await emit(delivery.id)(tx);
    });
    expect(await inboxOf(delivery)).toMatchObject({ status: 'done' });
    expect(await emitted(delivery.id)).toBe(1);
    expect(await service.rows('select name from timer where name = $1', [delivery.id])).toHaveLength(1);
    const again = service.database.deliver(delivery, async (tx) => {
      await tx.schedule({ name: `${delivery.id}-again`, afterMs: 60_000, event: exampleEvent(), topic: 'things' });
    });
    expect(await again).toEqual({ outcome: 'duplicate' });
    expect(await service.rows('select name from timer where name = $1', [`${delivery.id}-again`])).toEqual([]);
  });

  it('takes effect once when many of the same only emit, to two processes', async () => {
    const other = service.open();
    const delivery = deliveryOf();
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, nth) =>
        (nth % 2 === 0 ? other : service.database).deliver(delivery, emit(delivery.id)),
      ),
    );
    expect(results.filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
    expect(results.filter(({ outcome }) => outcome !== 'done' && outcome !== 'duplicate')).toEqual([]);
    expect(await emitted(delivery.id)).toBe(1);
  });

  it('leaves a delivery alone that another process has in hand', async () => {
    const delivery = deliveryOf();
    const [held, finish] = [deferred(), deferred()];
    const first = service.database.deliver(delivery, async ({ db }) => {
      await db`select 1`;
      held.resolve();
      await finish.promise;
    });
    await held.promise;
    try {
      expect(await service.database.deliver(delivery, emit(delivery.id))).toEqual({ outcome: 'conflict' });
      const failing = service.database.deliver(delivery, () => Promise.reject(new Error('no')));
      expect(await failing).toEqual({ outcome: 'conflict' });
    } finally {
      finish.resolve();
    }
    expect(await first).toEqual({ outcome: 'done' });
    expect(await emitted(delivery.id)).toBe(0);
  });

  it('lets a statement that fails spoil none of those that it went with', async () => {
    const deliveries = Array.from({ length: 20 }, (_, nth) =>
      deliveryOf(exampleEvent(), nth === 7 ? { traceId: 'nul \u0000' } : {}),
    );
    const results = await Promise.all(deliveries.map((each) => service.database.deliver(each, emit(each.id))));
    expect(results.map(({ outcome }) => outcome)).toEqual(deliveries.map((_, nth) => (nth === 7 ? 'retry' : 'done')));
  });

  it('does not count failures of a duplicate, nor park it', async () => {
    const delivery = deliveryOf();
    await service.database.deliver(delivery, emit(delivery.id));
    for (const error of [new Error('no'), new TerminalError('never'), new SchemaViolationError('event', [])]) {
      expect(await service.database.deliver(delivery, () => Promise.reject(error))).toEqual({ outcome: 'duplicate' });
    }
    expect(await inboxOf(delivery)).toMatchObject({ status: 'done', attempt: 1 });
    expect(await service.rows('select id from parked where event_id = $1', [delivery.id])).toEqual([]);
  });

  it('counts attempts though no handler asked for them, and tells one that asks', async () => {
    const delivery = deliveryOf(exampleEvent(), { fn: 'asks' });
    const failing = () => Promise.reject(new Error('not now'));
    expect(await service.database.deliver(delivery, failing)).toMatchObject({ outcome: 'retry' });
    const attempts: number[] = [];
    const asking = async (tx: Transaction): Promise<void> => {
      await emit(delivery.id)(tx);
      attempts.push(tx.attempt);
    };
    expect(await service.database.deliver(delivery, asking)).toEqual({ outcome: 'done' });
    expect(attempts).toEqual([2]);
    expect(await inboxOf(delivery)).toMatchObject({ attempt: 2 });
    expect(await emitted(delivery.id)).toBe(1);
  });

  it('parks another payload of the same id that only emits', async () => {
    const delivery = deliveryOf();
    await service.database.deliver(delivery, emit(delivery.id));
    const forged = deliveryOf(exampleEvent({ id: delivery.id, data: { thing: 2 } }));
    const parked = { outcome: 'parked', reason: 'payload-mismatch' };
    expect(await service.database.deliver(forged, emit(delivery.id))).toEqual(parked);
    expect(await emitted(delivery.id)).toBe(1);
  });

  it('parks what comes behind a parked event of its key', async () => {
    const event = () => exampleEvent({ partitionkey: 'behind' });
    const [first, second] = [1, 2].map(() => deliveryOf(event(), { order: 'ordered' })) as [DeliveryKey, DeliveryKey];
    await service.database.deliver(first, () => Promise.reject(new TerminalError('no')));
    const behind = { outcome: 'parked', reason: 'behind' };
    expect(await service.database.deliver(second, emit(second.id))).toEqual(behind);
    expect(await emitted(second.id)).toBe(0);
  });

  it('sends nothing when a value cannot be written, and says so', async () => {
    const delivery = deliveryOf();
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const result = await service.database.deliver(delivery, ({ db }) => db`select ${circle}`);
    expect(result).toMatchObject({ outcome: 'retry', error: { message: expect.stringContaining('circular') } });
    expect(await service.database.deliver(delivery, ({ db }) => db`select 1`)).toEqual({ outcome: 'done' });
  });

  it('gives a connection back that came too late', async () => {
    const one = service.open({ maxConnections: 1 });
    const delivery = deliveryOf();
    const impatient = one.deliver(delivery, ({ db }) => {
      void db`select 1`.catch(() => undefined);
      return Promise.reject(new Error('did not wait'));
    });
    expect(await impatient).toMatchObject({ outcome: 'retry' });
    await one.ping();
  });
});
