import { setting } from '@ebb/core';

const QUARTER_OF_AN_HOUR_MS = 900_000;

export const SAGA_SETTINGS = {
  PAYMENT_WINDOW: setting.duration({
    description: 'how long an order waits for its payment before it expires',
    default: QUARTER_OF_AN_HOUR_MS,
  }),
};
