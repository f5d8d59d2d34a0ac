import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from './database.fixture.ts';
import { openDeadLetterStore, type DeadLetter, type DeadLetterStore } from './dead-letter-store.ts';
import { openScheduleStore, type ScheduleStore } from './schedule-store.ts';

const LETTER: DeadLetter = {
  namespace: 'default',
  trigger: 'inventory-reserve-stock',
  topic: 'orders',
  partition: 3,
  offset: 9_007_199_254_740_993n,
  eventId: 'e-1',
  eventType: 'dev.ebb.orders.order.placed.v1',
  headers: { ce_id: 'e-1', 'content-type': 'application/json' },
  value: Buffer.from([0, 255, 1]),
  attributes: { knativeerrordest: 'http://x/' },
  reason: 'no-sink',
};

let database: TestDatabase;
let letters: DeadLetterStore;
let schedules: ScheduleStore;
beforeAll(async () => {
  database = await testDatabase();
  [letters, schedules] = await Promise.all([openDeadLetterStore(database), openScheduleStore(database)]);
});
afterAll(async () => {
  await Promise.all([letters.close(), schedules.close()]);
  await database.drop();
});

describe('the dead letter store', () => {
  it('gives back what it was given, byte for byte', async () => {
    await letters.add(LETTER);
    expect(await letters.list()).toEqual([{ ...LETTER, id: '1', createdAt: expect.any(Date) as unknown }]);
  });

  it('keeps an event once per Trigger, with the newest reason', async () => {
    await letters.add({ ...LETTER, reason: 'sink-failed' });
    await letters.add({ ...LETTER, trigger: 'other', value: null });
    expect(await letters.count()).toBe(2);
    expect(await letters.list({ trigger: LETTER.trigger })).toMatchObject([{ reason: 'sink-failed' }]);
    expect(await letters.list({ limit: 1 })).toMatchObject([{ trigger: 'other', value: null }]);
  });

  it('opens on tables that are there already', async () => {
    const second = await openDeadLetterStore(database);
    expect(await second.count()).toBe(2);
    await second.close();
  });

  it('says so when there is no database', async () => {
    await expect(openDeadLetterStore({ url: 'postgres://nobody@127.0.0.1:1/none' })).rejects.toThrow();
  });
});

describe('the schedule store', () => {
  it('remembers the last run', async () => {
    expect(await schedules.lastRun('default', 'tick')).toBeUndefined();
    for (const at of ['2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z']) {
      await schedules.ran('default', 'tick', new Date(at));
    }
    expect(await schedules.lastRun('default', 'tick')).toEqual(new Date('2026-01-01T00:01:00Z'));
  });
});
