import { setting, TerminalError } from '@ebb/core';
import { defineEvent } from '@ebb/events';
import { defineFunction } from '@ebb/function';
import * as z from 'zod/mini';

export const PARCELS_MIGRATIONS = new URL('../migrations', import.meta.url);

const Parcel = z.object({ parcelId: z.string(), grams: z.int() });

const define = (what: string) =>
  defineEvent(`dev.ebb.parcels.parcel.${what}.v1`, {
    topic: 'parcels',
    key: ({ parcelId }) => parcelId,
    data: Parcel,
    example: { parcelId: 'p-1', grams: 1_200 },
    description: `A parcel was ${what}.`,
  });

export const Weighed = define('weighed');
export const Labelled = define('labelled');
export const Forgotten = define('forgotten');
export const Sent = define('sent');
export const Signed = define('signed');

/** Rows, an event, and one for later. */
export const label = defineFunction('label', {
  on: Weighed,
  emits: [Labelled, Forgotten],
  async handle({ data }, { db, emit, after }) {
    if (data.grams < 0) throw new TerminalError('nothing weighs less than nothing');
    await db`insert into parcels (parcel_id, grams) values (${data.parcelId}, ${data.grams})`;
    await emit(Labelled, data);
    await after('15m', Forgotten, data, { name: `forgotten:${data.parcelId}` });
  },
});

/** A call to the outside, a rest, and a wait. */
export const send = defineFunction('send', {
  mode: 'leased',
  on: Weighed,
  emits: [Sent],
  waitsFor: [Signed],
  settings: { COURIER_URL: setting.text({ description: 'where parcels are handed over' }) },
  async handle({ data }, { step, sleep, waitFor, emit, config }) {
    const receipt = await step('hand over', async ({ key }) => {
      const response = await fetch(config.COURIER_URL, { method: 'POST', headers: { 'idempotency-key': key } });
      return response.text();
    });
    await sleep('rest', '1h');
    const signed = await waitFor('signature', Signed, { key: data.parcelId, timeout: '2d' });
    await emit(Sent, {
      parcelId: `${data.parcelId} ${receipt} ${signed ? 'signed' : 'not signed'}`,
      grams: data.grams,
    });
  },
});
