import { RetryableError, setting, systemClock, TerminalError } from '@ebb/core';
import * as z from 'zod/mini';

import { defineFunction, defineRoute, defineService } from '../../../index.ts';
import { ParcelLost, ParcelWeighed } from './events.ts';

const settings = {
  DEPOT: setting.text({ description: 'where the parcels are', default: 'Berlin' }),
  MAX_GRAMS: setting.integer({ description: 'the heaviest parcel', default: 31_500 }),
};

/** The weight says what happens: enough ways to fail for the tests of the runtime. */
const weigh = defineFunction('weigh', {
  on: ParcelWeighed,
  timeout: '500ms',
  concurrency: 2,
  settings,
  async handle({ data }, { log, signal, config }) {
    if (data.grams > config.MAX_GRAMS) throw new TerminalError('too heavy: nobody can carry it');
    if (data.grams === 1) throw new RetryableError('the scales are busy', { after: '7s' });
    if (data.grams === 2) throw new Error('größer als gedacht\nsecond line');
    if (data.grams === 3) await systemClock.sleep(60_000, signal);
    if (data.grams === 4) await systemClock.sleep(1_500);
    if (data.grams === 5) await systemClock.sleep(300);
    if (data.grams === 6)
      setImmediate(() => {
        throw new Error('nobody catches this');
      });
    if (data.grams === 7) log.info('seven');
  },
});

const track = defineFunction('track', {
  on: [ParcelWeighed, ParcelLost],
  handle: ({ type, data }) => {
    if (type === 'dev.ebb.parcels.parcel.lost.v1' && data.lastSeen === '') throw new Error('nowhere');
    return Promise.resolve();
  },
});

const Parcel = z.object({ parcelId: z.string(), grams: z.int() });

const listParcels = defineRoute('GET /parcels', {
  summary: 'List parcels',
  answers: { 200: { schema: z.object({ depot: z.string() }) } },
  access: 'anyone',
  settings: { DEPOT: settings.DEPOT },
  handle: (_request, { config }) => ({ status: 200, body: { depot: config.DEPOT } }),
});

const addParcel = defineRoute('POST /parcels', {
  summary: 'Add a parcel',
  body: Parcel,
  answers: { 201: { schema: Parcel } },
  access: 'anyone',
  handle: ({ body }) => ({ status: 201, body }),
});

const showParcel = defineRoute('GET /parcels/:id', {
  summary: 'Show a parcel',
  answers: { 404: 'there is no such parcel' },
  access: 'anyone',
  handle: ({ params: { id } }) => ({ status: 404, detail: `there is no parcel ${id}`, extensions: { parcelId: id } }),
});

const labelParcel = defineRoute('PUT /parcels/:id/label', {
  summary: 'Label a parcel',
  answers: { 204: {} },
  access: 'anyone',
  async handle() {
    await systemClock.sleep(300);
    return { status: 204 };
  },
});

const loseParcel = defineRoute('DELETE /parcels/:id', {
  summary: 'Lose a parcel',
  answers: { 204: {} },
  access: 'anyone',
  handle: () => Promise.reject(new Error('secret of the database')),
});

export const service = defineService('parcels', {
  functions: [weigh, track],
  routes: [listParcels, addParcel, showParcel, labelParcel, loseParcel],
  scale: { max: 3, window: '10s' },
});
