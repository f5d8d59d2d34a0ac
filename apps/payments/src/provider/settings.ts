import { setting } from '@ebb/core';

export const PROVIDER_SETTINGS = {
  PAYMENT_PROVIDER_URL: setting.service('payment-provider', { description: 'the payment provider' }),
  PAYMENT_PROVIDER_TIMEOUT: setting.duration({
    description: 'how long one answer of the payment provider may take',
    default: 5_000,
  }),
};
