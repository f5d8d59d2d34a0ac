import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';

export const ParcelWeighed = defineEvent('dev.ebb.parcels.parcel.weighed.v1', {
  topic: 'parcels',
  key: ({ parcelId }) => parcelId,
  data: z.object({ parcelId: z.string().check(z.minLength(1)), grams: z.int() }),
  example: { parcelId: 'p-1', grams: 1_200 },
  description: 'A parcel was put on the scales.',
});

export const ParcelLost = defineEvent('dev.ebb.parcels.parcel.lost.v1', {
  topic: 'parcels',
  key: ({ parcelId }) => parcelId,
  data: z.object({ parcelId: z.string(), lastSeen: z.string() }),
  example: { parcelId: 'p-1', lastSeen: 'Berlin' },
});

export const ParcelHandedOver = defineEvent('dev.ebb.parcels.parcel.handed-over.v1', {
  topic: 'parcels',
  key: ({ parcelId }) => parcelId,
  data: z.object({ parcelId: z.string() }),
  example: { parcelId: 'p-1' },
  description: 'A parcel was given to its receiver.',
});
