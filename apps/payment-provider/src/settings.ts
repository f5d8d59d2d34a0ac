import { setting } from '@ebb/core';

export const PROVIDER_SETTINGS = {
  DECIDE_AFTER: setting.duration({
    description: 'how long the provider takes to decide about a card that is slow',
    default: 1_000,
  }),
};

export const WEBHOOK_SETTINGS = {
  MERCHANT_URL: setting.service('payments', { description: 'the merchant who gets the webhooks' }),
  WEBHOOK_SECRET: setting.secret({ description: 'signs the webhooks: whsec_ and base64, as the merchant has it' }),
};
