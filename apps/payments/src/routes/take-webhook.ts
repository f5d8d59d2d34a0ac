import { setting } from '@ebb/core';
import { defineRoute, doubtAbout } from '@ebb/function';
import { OrderId } from '@ebb/schemas';
import * as z from 'zod/mini';
import { DECISION_EVENTS, takeInDecision } from '../decisions/take-in-decision.ts';

const Webhook = z.object({
  type: z.literal('authorization.settled'),
  data: z.object({ reference: OrderId, status: z.enum(['authorized', 'declined']), reason: z.optional(z.string()) }),
});

const Signature = z.object({
  'webhook-id': z.optional(z.string()),
  'webhook-timestamp': z.optional(z.string()),
  'webhook-signature': z.optional(z.string()),
});

/** Hears from the payment provider. A webhook that comes again, as they do, changes nothing. */
export const takeWebhook = defineRoute('POST /webhooks/payment-provider', {
  summary: 'Hear what the payment provider decided',
  tags: ['webhooks'],
  headers: Signature,
  body: Webhook,
  raw: true,
  answers: {
    204: { description: 'taken in' },
    401: 'it is not signed as Standard Webhooks say, or too old',
    404: 'there is no payment of this order',
  },
  access: 'anyone',
  gateway: false,
  emits: DECISION_EVENTS,
  settings: {
    WEBHOOK_SECRET: setting.secret({ description: 'proves that a webhook is the provider’s: whsec_ and base64' }),
  },
  async handle({ headers, body, read }, { transaction, config }) {
    const signed = {
      id: headers['webhook-id'],
      timestamp: headers['webhook-timestamp'],
      signature: headers['webhook-signature'],
    };
    const doubt = doubtAbout(signed, body, { secrets: [config.WEBHOOK_SECRET.reveal()], nowMs: Date.now() });
    if (doubt) return { status: 401, detail: doubt.detail };
    const { reference, ...decision } = read().data;
    const isKnown = await transaction((tx) => takeInDecision(tx, reference, decision));
    if (!isKnown) return { status: 404, detail: `there is no payment of order ${reference}` };
    return { status: 204 };
  },
});
