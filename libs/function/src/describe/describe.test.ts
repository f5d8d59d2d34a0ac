import { describe as group, expect, it } from '@jest/globals';
import { parseCatalogueEntry } from '@ebb/catalogue';

import { defineSchedule } from '../definition/schedule.ts';
import { defineService } from '../definition/service.ts';
import { defineWorker } from '../definition/worker.ts';
import { ParcelLost } from '../testing-fixtures/parcels/src/events.ts';
import { describe } from './describe.ts';

group('a description', () => {
  it('refuses a time zone that nobody knows', async () => {
    const schedule = defineSchedule('s', {
      cron: '0 3 * * *',
      timeZone: 'Mars/Olympus',
      emits: ParcelLost,
      data: ParcelLost.example,
    });
    await expect(async () =>
      describe(defineService('s', { schedules: [schedule], database: { migrations: 'migrations' } })),
    ).rejects.toThrow('"Mars/Olympus" is unknown');
  });

  it('of a worker says what it needs of the platform', async () => {
    const run = () => Promise.resolve();
    const porter = defineWorker('the-porter', {
      listens: { public: true },
      catalogue: true,
      eventLog: true,
      identity: true,
      services: true,
      database: { migrations: 'migrations' },
      run,
    });
    expect(parseCatalogueEntry(await describe(porter))).toMatchObject({
      kind: 'worker',
      listens: { public: true },
      catalogue: true,
      eventLog: true,
      signsIdentity: true,
      services: true,
      database: { schema: 'the_porter', migrations: true },
    });
    const plain = await describe(defineWorker('plain', { catalogue: false, run }));
    expect(Object.keys(plain)).not.toEqual(expect.arrayContaining(['listens']));
    expect(plain.catalogue).toBeUndefined();
  });
});
