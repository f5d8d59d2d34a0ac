import { setting, TerminalError } from '@ebb/core';
import { defineFunction, defineService } from '@ebb/function';
import { ParcelHandedOver, ParcelLost, ParcelWeighed } from './parcels.fixture.ts';

/** A handler with SQL. */
const weigh = defineFunction('weigh', {
  on: ParcelWeighed,
  emits: [ParcelLost],
  concurrency: 50,
  async handle({ data }, { db, emit, after }) {
    await db`insert into marks values (${`weighed ${data.parcelId}`})`;
    await emit(ParcelLost, { parcelId: data.parcelId, lastSeen: 'scales' });
    await after('15m', ParcelLost, { parcelId: data.parcelId, lastSeen: 'long ago' }, { name: data.parcelId });
  },
});

/** A handler that only emits. */
const announce = defineFunction('announce', {
  on: ParcelWeighed,
  emits: [ParcelLost],
  concurrency: 50,
  async handle({ data }, { emit }) {
    await emit(ParcelLost, { parcelId: data.parcelId, lastSeen: 'here' });
    await emit(ParcelLost, { parcelId: data.parcelId, lastSeen: 'there' });
  },
});

interface Booking {
  readonly url: string;
  readonly key: string;
  readonly method?: 'PUT' | 'GET';
}

/** The other side takes each key once; what it has is its state. */
async function book({ url, key, method = 'PUT' }: Booking): Promise<boolean> {
  const response = await fetch(`${url}/${key}`, { method });
  return response.ok;
}

async function cancel(booking: Booking): Promise<void> {
  await book(booking);
}

/** Leased: steps in a saga, rows in between, a sleep, a wait, and an end that fails for parcels of no weight. */
const ship = defineFunction('ship', {
  mode: 'leased',
  on: ParcelWeighed,
  emits: [ParcelLost],
  waitsFor: [ParcelHandedOver],
  concurrency: 50,
  settings: { AGENCY_URL: setting.text({ description: 'where lorries and ships are booked' }) },
  async handle({ data }, { step, transaction, sleep, waitFor, saga, emit, config }) {
    const url = config.AGENCY_URL;
    await saga('send off', async () => {
      await step('lorry', ({ key }) => book({ url: `${url}/lorry`, key }), {
        compensate: (_output, { key }) => cancel({ url: `${url}/no-lorry`, key }),
      });
      await transaction('note', async (tx) => {
        await tx.db`insert into marks values (${`noted ${data.parcelId}`})`;
        await tx.emit(ParcelLost, { parcelId: data.parcelId, lastSeen: 'lorry' });
      });
      await step('ship', ({ key }) => book({ url: `${url}/ship`, key }), {
        onUnknown: 'verify',
        verify: async ({ key }) =>
          (await book({ url: `${url}/ship`, key, method: 'GET' })) ? { done: true, output: true } : { done: false },
        compensate: (_output, { key }) => cancel({ url: `${url}/no-ship`, key }),
      });
      await sleep('rest', '1h');
      const handedOver = await waitFor('handed over', ParcelHandedOver, { key: data.parcelId, timeout: '1d' });
      if (data.grams === 0) throw new TerminalError('there is nothing in it');
      await emit(ParcelLost, { parcelId: data.parcelId, lastSeen: handedOver ? 'handed over' : 'sea' });
    });
  },
});

export const crashing = defineService('crashing', {
  functions: [weigh, announce, ship],
  database: { migrations: 'migrations' },
});
