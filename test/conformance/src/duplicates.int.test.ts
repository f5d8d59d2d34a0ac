import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exampleOf, testService, type Delivery, type TestService } from '@ebb/testing';
import { openAgency, type Agency } from './agency.fixture.ts';
import { crashing } from './crashing.fixture.ts';
import { ParcelWeighed } from './parcels.fixture.ts';

const AT_ONCE = 50;

let agency: Agency;
let customer: string;
let service: TestService;
beforeAll(async () => {
  agency = await openAgency();
});
afterAll(() => agency.close());
beforeEach(async () => {
  customer = randomUUID();
  const migrations = new URL('../migrations', import.meta.url);
  service = await testService(crashing, { migrations, config: { AGENCY_URL: agency.url(customer) } });
});
afterEach(() => service.close());

const marks = async (): Promise<unknown[]> => ((await service.state()).rows.marks ?? []).map(({ what }) => what);
const published = () => service.db`select from outbox where topic <> 'redelivery'`;
const outcomes = (deliveries: readonly Delivery[]) => deliveries.map(({ outcome }) => outcome);

describe('fifty deliveries of an event at once', () => {
  const fifty = <T>(deliver: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: AT_ONCE }, deliver));

  it.each([
    ['weigh', 'done', 1, ['weighed p-1']],
    ['announce', 'done', 2, []],
    ['ship', 'waiting', 1, ['noted p-1']],
  ] as const)('take effect once: %s', async (fn, end, events, rows) => {
    const event = exampleOf(ParcelWeighed);
    const all = outcomes(await fifty(() => service.deliver(fn, event)));
    // Of a leased function the first to come back and those that come after it find it waiting.
    expect(all).toContain(end);
    expect(all.every((outcome) => [end, 'duplicate', 'conflict'].includes(outcome))).toBe(true);
    expect(await marks()).toEqual(rows);
    expect(await published()).toHaveLength(events);
    expect(Object.values(agency.effects(customer)).every((times) => times === 1)).toBe(true);
  });

  it('take effect once each, of a batch', async () => {
    const batch = ['p-1', 'p-2', 'p-3'].map((parcelId) => exampleOf(ParcelWeighed, { parcelId }));
    const all = (await fifty(() => service.deliverBatch('weigh', batch))).flatMap(outcomes);
    expect(all.filter((outcome) => outcome === 'done')).toHaveLength(batch.length);
    expect(await marks()).toEqual(['weighed p-1', 'weighed p-2', 'weighed p-3']);
  });
});

describe('a process that stands still while another one does its work', () => {
  it('writes nothing any more when its lease is over', async () => {
    const event = exampleOf(ParcelWeighed);
    const held = service.holdAt('step-effect', { step: 'lorry' });
    const zombie = service.deliver('ship', event);
    try {
      await held.reached;
      // Somebody else has it.
      expect((await service.deliver('ship', event)).outcome).toBe('conflict');
      await service.advance('1m');
      expect((await service.deliver('ship', event)).outcome).toBe('waiting');
    } finally {
      held.release();
    }
    expect((await zombie).outcome).toBe('retry');
    expect(await marks()).toEqual(['noted p-1']);
    expect(agency.effects(customer)).toEqual({ lorry: 1, ship: 1 });
    await service.advance('2d');
    expect(await published()).toHaveLength(2);
  });

  it('commits nothing when its connection is gone', async () => {
    const event = exampleOf(ParcelWeighed);
    const held = service.holdAt('before-commit');
    const zombie = service.deliver('weigh', event);
    try {
      await held.reached;
      expect((await service.deliver('weigh', event)).outcome).toBe('conflict');
      await service.db`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and state = 'idle in transaction'`;
      expect((await service.deliver('weigh', event)).outcome).toBe('done');
    } finally {
      held.release();
    }
    expect((await zombie).outcome).toBe('retry');
    expect(await marks()).toEqual(['weighed p-1']);
    expect(await published()).toHaveLength(1);
  });

  it('finds it done when it comes to its only statement', async () => {
    const event = exampleOf(ParcelWeighed);
    const held = service.holdAt('before-commit');
    const late = service.deliver('announce', event);
    try {
      await held.reached;
      expect((await service.deliver('announce', event)).outcome).toBe('done');
    } finally {
      held.release();
    }
    expect((await late).outcome).toBe('duplicate');
    expect(await published()).toHaveLength(2);
  });
});
