import { HttpProblem, setting } from '@ebb/core';
import { defineRoutes, parseBody, rawBody } from '@ebb/function';
import { OrderId } from '@ebb/schemas';
import * as z from 'zod/mini';
import { DECISION_EVENTS, takeInDecision } from '../decisions/take-in-decision.ts';
import { whyNotGenuine } from '../domain/webhook.ts';

const Webhook = z.object({
  type: z.literal('authorization.settled'),
  data: z.object({ reference: OrderId, status: z.enum(['authorized', 'declined']), reason: z.optional(z.string()) }),
});

/** Hears from the payment provider. A webhook that comes again, as they do, changes nothing. */
export const webhookRoutes = defineRoutes('/webhooks', {
  emits: DECISION_EVENTS,
  settings: {
    WEBHOOK_SECRET: setting.secret({ description: 'proves that a webhook is the provider’s: whsec_ and base64' }),
  },
  register(router, { transaction, config }) {
    router.post('/payment-provider', async (request, response) => {
      const headers = {
        id: request.get('webhook-id'),
        timestamp: request.get('webhook-timestamp'),
        signature: request.get('webhook-signature'),
      };
      const doubt = whyNotGenuine(headers, rawBody(request), config.WEBHOOK_SECRET.reveal(), Date.now());
      if (doubt !== undefined) throw new HttpProblem(401, doubt);
      const { reference, ...decision } = parseBody(Webhook, request).data;
      const isKnown = await transaction(request, (tx) => takeInDecision(tx, reference, decision));
      if (!isKnown) throw new HttpProblem(404, `there is no payment of order ${reference}`);
      response.status(204).end();
    });
  },
});
