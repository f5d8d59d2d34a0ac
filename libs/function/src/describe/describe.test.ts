import { describe as group, expect, it } from '@jest/globals';

import { defineSchedule } from '../definition/schedule.ts';
import { defineService } from '../definition/service.ts';
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
});
