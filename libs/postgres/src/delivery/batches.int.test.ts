import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SchemaViolationError, TerminalError } from '@ebb/core';
import fc from 'fast-check';
import type { BatchedDelivery, Database, DeliveryKey, DeliveryResult, Transaction } from '../database.ts';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';

describe('a batch of deliveries', () => {
  let service: ServiceDatabase;
  let other: Database;

  beforeAll(async () => {
    service = await serviceDatabase();
    other = service.open();
  });
  afterAll(() => service.close());

  const keyed = (partitionkey: string, overrides: Partial<DeliveryKey> = {}): DeliveryKey =>
    deliveryOf(exampleEvent({ partitionkey }), { order: 'ordered', ...overrides });
  const effect =
    ({ id }: DeliveryKey) =>
    async ({ db, enqueue }: Transaction): Promise<void> => {
      await db`insert into effect (what) values (${id})`;
      await enqueue([{ event: exampleEvent({ causationid: id }), topic: 'things' }]);
    };
  const batched = (delivery: DeliveryKey, run = effect(delivery)): BatchedDelivery => ({ delivery, run });
  const outcomes = (results: readonly DeliveryResult[]): string[] => results.map(({ outcome }) => outcome);
  const effectsOf = async (deliveries: readonly DeliveryKey[]): Promise<number[]> => {
    const rows = await service.rows<{ what: string; cause: string; count: number }>(
      `select what, (select count(*)::int from outbox where cause_id = what) as cause, count(*)::int from effect group by what`,
    );
    // An effect and its event are there together, or neither is.
    expect(rows.filter(({ cause, count }) => Number(cause) !== count)).toEqual([]);
    return deliveries.map(({ id }) => rows.find(({ what }) => what === id)?.count ?? 0);
  };

  it('takes effect as a whole, in few transactions, and once', async () => {
    const deliveries = Array.from({ length: 250 }, (_, nth) => keyed(`key-${nth}`));
    const commitsOf = async (): Promise<number> =>
      (await service.rows<{ n: number }>(`select count(distinct xmin::text)::int as n from inbox`))[0]?.n ?? NaN;
    const before = await commitsOf();
    const batch = deliveries.map((delivery) => batched(delivery));
    expect(new Set(outcomes(await service.database.deliverBatch(batch)))).toEqual(new Set(['done']));
    expect((await commitsOf()) - before).toBeLessThan(8);
    expect(new Set(outcomes(await other.deliverBatch(batch)))).toEqual(new Set(['duplicate']));
    expect(new Set(await effectsOf(deliveries))).toEqual(new Set([1]));
  });

  it('shares transactions with batches that come in the meantime, and no failure with them', async () => {
    const batches = Array.from({ length: 6 }, () => Array.from({ length: 10 }, () => keyed('busy')));
    const ids = batches.flat().map(({ id }) => id);
    const commitsOf = async (): Promise<number | undefined> =>
      (
        await service.rows<{ n: number }>(
          `select count(distinct xmin::text)::int as n from inbox where event_id in (${ids.map((id) => `'${id}'`).join()})`,
        )
      )[0]?.n;
    // Its own limit keeps a batch to itself: here all have the same.
    const options = { timeoutMs: 20_000 };
    const deliver = (deliveries: readonly DeliveryKey[], failing?: DeliveryKey) =>
      service.database.deliverBatch(
        deliveries.map((delivery) =>
          batched(delivery, delivery === failing ? () => Promise.reject(new TerminalError('never')) : effect(delivery)),
        ),
        options,
      );
    const results = await Promise.all(batches.map((deliveries) => deliver(deliveries)));
    expect(new Set(results.flatMap(outcomes))).toEqual(new Set(['done']));
    expect(await commitsOf()).toBe(2);

    const others = Array.from({ length: 3 }, () => [1, 2].map(() => keyed('busy', { order: 'unordered' })));
    const mixed = await Promise.all(others.map((deliveries) => deliver(deliveries, others[1]?.[0])));
    expect(mixed.map(outcomes)).toEqual([
      ['done', 'done'],
      ['parked', 'done'],
      ['done', 'done'],
    ]);
    expect(await effectsOf(others.flat())).toEqual([1, 1, 0, 1, 1, 1]);
  });

  it('keeps the order of each key, in the outbox too', async () => {
    const deliveries = Array.from({ length: 60 }, (_, nth) => keyed(`ordered-${nth % 3}`));
    await service.database.deliverBatch(deliveries.map((delivery) => batched(delivery)));
    const rows = await service.rows<{ cause_id: string }>('select cause_id from outbox order by id');
    for (const key of [0, 1, 2]) {
      const ofKey = deliveries.filter((_, nth) => nth % 3 === key).map(({ id }) => id);
      expect(rows.map(({ cause_id: cause }) => cause).filter((cause) => ofKey.includes(cause))).toEqual(ofKey);
    }
  });

  it('lets what fails fail alone', async () => {
    const deliveries = Array.from({ length: 12 }, () => keyed('alone', { order: 'unordered' }));
    const failures: Record<number, Error> = {
      3: new Error('not now'),
      5: new TerminalError('never'),
      7: new SchemaViolationError('event', []),
    };
    const results = await service.database.deliverBatch(
      deliveries.map((delivery, nth) =>
        batched(delivery, async (tx) => {
          await effect(delivery)(tx);
          if (failures[nth]) throw failures[nth];
          if (nth === 9) await tx.db`select 1 / 0`.catch(() => undefined);
        }),
      ),
    );
    const expected = deliveries.map(() => 'done');
    for (const [nth, outcome] of Object.entries({ 3: 'retry', 5: 'parked', 7: 'parked', 9: 'retry' })) {
      expected[Number(nth)] = outcome;
    }
    expect(outcomes(results)).toEqual(expected);
    expect(await effectsOf(deliveries)).toEqual(expected.map((outcome) => (outcome === 'done' ? 1 : 0)));
  });

  it('lets later events of a key wait for one that comes again, or stay behind one that is parked', async () => {
    const [stopped, parked] = ['stopped', 'parked'].map((key) => Array.from({ length: 3 }, () => keyed(key)));
    const failWith = (delivery: DeliveryKey, error: Error): BatchedDelivery =>
      batched(delivery, () => Promise.reject(error));
    const results = await service.database.deliverBatch([
      ...stopped!.map((each, nth) => (nth === 1 ? failWith(each, new Error('not now')) : batched(each))),
      ...parked!.map((each, nth) => (nth === 1 ? failWith(each, new TerminalError('never')) : batched(each))),
    ]);
    expect(outcomes(results)).toEqual(['done', 'retry', 'retry', 'done', 'parked', 'parked']);
    expect(results.at(-1)).toEqual({ outcome: 'parked', reason: 'behind' });
    expect(await effectsOf([...stopped!, ...parked!])).toEqual([1, 0, 0, 1, 0, 0]);
  });

  it('knows what is in it twice: by id, by business key, and with another payload', async () => {
    const delivery = keyed('twice');
    const forged = deliveryOf({ ...delivery.event.event, data: { thing: 2 } }, { order: 'ordered' });
    const invoices = ['a', 'b', 'c'].map((key) => keyed(key, { businessKey: 'invoice' }));
    const batch = [delivery, delivery, forged, ...invoices].map((each) => batched(each));
    const results = await service.database.deliverBatch(batch);
    expect(results.slice(0, 3)).toEqual([
      { outcome: 'done' },
      { outcome: 'duplicate' },
      { outcome: 'parked', reason: 'payload-mismatch' },
    ]);
    expect(outcomes(results.slice(3)).toSorted()).toEqual(['done', 'duplicate', 'duplicate']);
    expect((await effectsOf(invoices)).toSorted()).toEqual([0, 0, 1]);
  });

  it('is to come again while PostgreSQL is away', async () => {
    const away = service.open();
    await away.close();
    const [result] = await away.deliverBatch([batched(keyed('away'))]);
    expect(result).toMatchObject({ outcome: 'retry' });
  });

  /** What a handler does: with rows, with events alone, or not at all; some never succeed. */
  const kinds = fc.constantFrom('writes', 'emits', 'fails', 'fails late');
  const steps = fc.array(
    fc.record({
      batch: fc.boolean(),
      elsewhere: fc.boolean(),
      events: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 8 },
  );

  it('gives one effect per key, however deliveries and batches of the same events meet', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(kinds, { minLength: 8, maxLength: 8 }),
        steps,
        fc.boolean(),
        async (kind, all, keys) => {
          round += 1;
          const fn = `round-${round}`;
          const deliveries = kind.map((_, nth) =>
            keyed(`key-${nth % 3}`, { fn, order: 'unordered', ...(keys && { businessKey: `business-${nth % 5}` }) }),
          );
          const items = deliveries.map((delivery, nth) =>
            batched(delivery, async (tx) => {
              if (kind[nth] === 'fails') throw new Error('no');
              if (kind[nth] !== 'emits') await tx.db`insert into effect (what) values (${delivery.id})`;
              if (kind[nth] === 'fails late') throw new Error('no');
              await tx.enqueue([{ event: exampleEvent({ causationid: delivery.id }), topic: fn }]);
            }),
          );
          const results = await Promise.all(
            all.map(({ batch, elsewhere, events }) => {
              const database = elsewhere ? other : service.database;
              const wanted = events.map((nth) => items[nth]!);
              return batch
                ? database.deliverBatch(wanted)
                : Promise.all(wanted.map(({ delivery, run }) => database.deliver(delivery, run)));
            }),
          );
          const done = all.flatMap(({ events }, step) =>
            events.filter((_, at) => results[step]?.[at]?.outcome === 'done'),
          );
          const keyOf = (nth: number): string => (keys ? `business-${nth % 5}` : String(nth));
          // Each key took effect at most once, whoever asked, and what was answered is what is there.
          expect(new Set(done.map(keyOf)).size).toBe(done.length);
          const rows = await service.rows<{ cause_id: string }>('select cause_id from outbox where topic = $1', [fn]);
          expect(rows.map(({ cause_id: cause }) => cause).toSorted()).toEqual(
            done.map((nth) => deliveries[nth]?.id).toSorted(),
          );
          const written = await service.rows<{ what: string }>('select what from effect where what = any ($1)', [
            deliveries.map(({ id }) => id),
          ]);
          const writers = done.filter((nth) => kind[nth] === 'writes').map((nth) => deliveries[nth]?.id);
          expect(written.map(({ what }) => what).toSorted()).toEqual(writers.toSorted());
          expect(done.some((nth) => kind[nth]?.startsWith('fails'))).toBe(false);
        },
      ),
      { numRuns: 12 },
    );
  });
});
