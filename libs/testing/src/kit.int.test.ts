import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import { defineFunction, defineService } from '@ebb/function';
import { exampleOf } from './example-of.ts';
import { reorder } from './reorder.ts';
import { run } from './run.ts';
import { testFunction, type TestFunction } from './test-function.ts';
import { testService } from './test-service.ts';
import {
  Forgotten,
  label,
  Labelled,
  PARCELS_MIGRATIONS as migrations,
  send,
  Sent,
  Signed,
  Weighed,
} from './testing-fixtures/parcels/src/parcels.fixture.ts';

const module = new URL('./testing-fixtures/parcels/src/parcels.fixture.ts', import.meta.url);

let courier: Server;
let calls: (string | string[] | undefined)[] = [];
let open: TestFunction | undefined;

beforeAll(async () => {
  courier = createServer((request, response) => {
    calls.push(request.headers['idempotency-key']);
    response.end(`receipt-${calls.length}`);
  });
  await new Promise<void>((resolve) => courier.listen(0, '127.0.0.1', resolve));
});
afterAll(() => void courier.close());
afterEach(async () => {
  await open?.close();
  open = undefined;
});

const labelling = async (): Promise<TestFunction> => (open = await testFunction(label, { migrations, module }));

async function sending(): Promise<TestFunction> {
  calls = [];
  const config = { COURIER_URL: `http://127.0.0.1:${(courier.address() as AddressInfo).port}/` };
  return (open = await testFunction(send, { module, config }));
}

describe('a function in one line', () => {
  it('shows what it emitted, wrote and set for later', async () => {
    const event = exampleOf(Weighed);
    const { outcome, emitted, rows, timers } = await run(label, event, { migrations });
    expect(outcome).toBe('done');
    expect(emitted).toMatchObject([{ type: Labelled.type, causationid: event.id, data: event.data }]);
    expect(rows).toEqual({ parcels: [{ parcel_id: 'p-1', grams: 1_200, weighed_at: expect.any(Date) }] });
    expect(timers).toMatchObject([{ name: 'forgotten:p-1', event: { type: Forgotten.type }, afterMs: 900_000 }]);
  });

  it('begins with the rows that are given, and shows what was parked', async () => {
    const { outcome, reason, emitted, rows, parked } = await run(label, exampleOf(Weighed, { grams: -1 }), {
      migrations,
      given: (db) => db`insert into parcels (parcel_id, grams) values ('old', 1)`,
    });
    expect({ outcome, reason, emitted }).toEqual({ outcome: 'parked', reason: 'terminal', emitted: [] });
    expect(rows.parcels).toMatchObject([{ parcel_id: 'old' }]);
    expect(parked).toMatchObject([{ reason: 'terminal', message: expect.stringContaining('less than nothing') }]);
  });

  it('takes several events, in any order that a broker may deliver', async () => {
    const events = ['p-1', 'p-2', 'p-3'].map((parcelId) => exampleOf(Weighed, { parcelId }));
    const orders = reorder(events);
    expect(orders).toHaveLength(6);
    for (const order of orders.slice(0, 2)) {
      const { emitted, rows } = await run(label, order, { migrations });
      expect(emitted.map(({ subject }) => subject)).toEqual(order.map(({ subject }) => subject));
      expect(rows.parcels).toHaveLength(3);
    }
  });
});

describe('an event that comes twice', () => {
  it.each([false, true])('takes effect once, at the same time: %s', async (concurrently) => {
    const fn = await labelling();
    const deliveries = await fn.deliverTwice(exampleOf(Weighed), { concurrently });
    expect(deliveries.map(({ outcome }) => outcome).sort()).toEqual(['done', 'duplicate']);
    expect(deliveries.flatMap(({ emitted }) => emitted)).toHaveLength(1);
  });

  it('takes effect once each in a batch', async () => {
    const fn = await labelling();
    const [one, two] = ['p-1', 'p-2'].map((parcelId) => exampleOf(Weighed, { parcelId }));
    await fn.deliver(one!);
    const deliveries = await fn.deliverBatch([one!, two!]);
    expect(deliveries).toMatchObject([
      { outcome: 'duplicate', emitted: [] },
      { outcome: 'done', emitted: [{ subject: 'p-2' }] },
    ]);
  });
});

describe('a process that is killed', () => {
  it.each(['claimed', 'after-commit'] as const)('at the point "%s" leaves the event to the next', async (point) => {
    const fn = await labelling();
    const { outcome, emitted } = await fn.crashAt(point, exampleOf(Weighed));
    expect(outcome).toBe(point === 'claimed' ? 'done' : 'duplicate');
    expect(emitted).toHaveLength(1);
    expect((await fn.state()).rows.parcels).toHaveLength(1);
  });

  it('has to come to the point', async () => {
    const fn = await labelling();
    await expect(fn.crashAt('step-intent', exampleOf(Weighed))).rejects.toThrow(/no process came to .*"step-intent"/);
    expect((await fn.state()).rows.parcels).toHaveLength(1);
  });

  it('needs to know the module', async () => {
    open = await testFunction(label, { migrations });
    await expect(open.crashAt('received', exampleOf(Weighed))).rejects.toThrow(/"module"/);
  });
});

describe('what is parked', () => {
  it('goes on when it is sent again, and what waits behind it follows', async () => {
    const fn = await labelling();
    const [first, second] = [exampleOf(Weighed), exampleOf(Weighed, { grams: 7 })];
    await fn.db`alter table parcels add constraint light check (grams < 0) not valid`;
    for (let attempt = 1; attempt <= label.retry.attempts; attempt += 1) await fn.deliver(first);
    expect(await fn.deliver(second)).toMatchObject({ outcome: 'parked', reason: 'behind' });
    const { parked } = await fn.state();
    expect(parked.map(({ reason }) => reason)).toEqual(['budget', 'behind']);
    await fn.db`alter table parcels drop constraint light, drop constraint parcels_pkey`;
    const woken = await fn.redrive(parked[0]!);
    expect(woken.map(({ event, outcome }) => [event.id, outcome])).toEqual([
      [first.id, 'done'],
      [second.id, 'done'],
    ]);
    expect((await fn.state()).parked).toEqual([]);
  });
});

describe('time', () => {
  it('passes at once, and delivers what came due', async () => {
    const seen: unknown[] = [];
    const remind = defineFunction('remind', {
      on: Forgotten,
      handle: async ({ data }, { db }) => {
        seen.push(data.parcelId, await db`select from parcels where weighed_at < now() - interval '14 minutes'`);
      },
    });
    const service = await testService(
      defineService('parcels', { functions: [label, remind], database: { migrations: 'migrations' } }),
      { migrations },
    );
    try {
      await service.deliver('label', exampleOf(Weighed));
      expect(await service.advance('14m')).toEqual({ published: [], delivered: [] });
      expect((await service.state()).timers).toHaveLength(1);
      const { published, delivered } = await service.advance('1h');
      expect(published).toMatchObject([{ type: Forgotten.type }]);
      expect(delivered).toMatchObject([{ fn: 'remind', outcome: 'done' }]);
      expect(seen).toEqual(['p-1', [{}]]);
    } finally {
      await service.close();
    }
  });

  it('ends a sleep and a wait', async () => {
    const fn = await sending();
    expect(await fn.deliver(exampleOf(Weighed))).toMatchObject({ outcome: 'waiting', emitted: [] });
    expect(await fn.advance('1h')).toMatchObject({ delivered: [{ outcome: 'waiting' }] });
    const { delivered } = await fn.advance('3d');
    expect(delivered).toMatchObject([
      { outcome: 'done', emitted: [{ data: { parcelId: 'p-1 receipt-1 not signed' } }] },
    ]);
    expect(calls).toHaveLength(1);
  });
});

describe('a leased function', () => {
  it('is woken by the event that it waits for', async () => {
    const fn = await sending();
    await fn.deliver(exampleOf(Weighed));
    await fn.advance('1h');
    const { outcome, woken } = await fn.deliver(exampleOf(Signed));
    expect(outcome).toBe('done');
    expect(woken).toMatchObject([{ fn: 'send', outcome: 'done', emitted: [{ type: Sent.type }] }]);
    expect(woken[0]?.emitted).toMatchObject([{ data: { parcelId: 'p-1 receipt-1 signed' } }]);
  });

  it('does a step again with the same key when its outcome is unknown', async () => {
    const fn = await sending();
    const event = exampleOf(Weighed);
    expect((await fn.stepOutcomeUnknown('hand over', event)).outcome).toBe('retry');
    expect((await fn.deliver(event)).outcome).toBe('waiting');
    expect(calls).toHaveLength(2);
    expect(new Set(calls).size).toBe(1);
    await expect(fn.stepOutcomeUnknown('hand over', exampleOf(Signed))).rejects.toThrow(/did not perform/);
  });

  it('is taken over when its process is killed, also one that was woken', async () => {
    const fn = await sending();
    expect(await fn.crashAt('step-output', exampleOf(Weighed))).toMatchObject({ outcome: 'waiting' });
    await fn.advance('1h');
    const { delivered } = await fn.crashAt('before-finish', () => fn.advance('2d'));
    expect(delivered).toMatchObject([{ outcome: 'done', emitted: [{ type: Sent.type }] }]);
    expect(calls).toHaveLength(1);
  });

  it('is fenced when its lease was over while it stood still', async () => {
    const fn = await sending();
    const event = exampleOf(Weighed);
    const held = fn.holdAt('step-effect', { step: 'hand over' });
    const zombie = fn.deliver(event);
    try {
      await held.reached;
      await fn.advance('1m');
      expect((await fn.deliver(event)).outcome).toBe('waiting');
    } finally {
      held.release();
    }
    expect(await zombie).toMatchObject({ outcome: 'retry', problem: { detail: expect.stringContaining('lost') } });
  });
});
