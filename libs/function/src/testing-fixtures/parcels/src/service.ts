import { HttpProblem, RetryableError, setting, systemClock, TerminalError } from '@ebb/core';
import * as z from 'zod/mini';

import { defineFunction, defineRoutes, defineService, parseBody } from '../../../index.ts';
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

const parcels = defineRoutes('/parcels', {
  settings: { DEPOT: settings.DEPOT },
  register(router, { config }) {
    router.get('/', (_request, response) => void response.json({ depot: config.DEPOT }));
    router.post('/', (request, response) => void response.status(201).json(parseBody(Parcel, request)));
    router.get('/:id', (request) => {
      throw new HttpProblem(404, `there is no parcel ${request.params.id}`, {
        extensions: { parcelId: request.params.id },
      });
    });
    router.put('/:id/label', async (_request, response) => {
      await systemClock.sleep(300);
      response.status(204).end();
    });
    router.delete('/:id', () => {
      throw new Error('secret of the database');
    });
  },
});

export const service = defineService('parcels', {
  functions: [weigh, track],
  routes: [parcels],
  scale: { max: 3, window: '10s' },
});
