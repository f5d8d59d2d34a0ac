import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';

/** The payment provider's own affairs: nobody else reacts to them; others hear from it by webhook. */

const ofReference = (data: { reference: string }): string => data.reference;
const reference = '0198b2f0-6f1c-7c3e-9d5a-3f2b1c4d5e6f';

/** Goes off by timer. */
export const DecisionFellDue = defineEvent('dev.ebb.payment-provider.decision.fell-due.v1', {
  topic: 'payment-provider',
  key: ofReference,
  description: 'A pending authorization is to be decided now.',
  data: z.object({ reference: z.string() }),
  example: { reference },
});

export const AuthorizationSettled = defineEvent('dev.ebb.payment-provider.authorization.settled.v1', {
  topic: 'payment-provider',
  key: ofReference,
  description: 'An authorization was decided, and the merchant is to be told by webhook.',
  data: z.object({
    reference: z.string(),
    status: z.enum(['authorized', 'declined']),
    reason: z.optional(z.string()),
  }),
  example: { reference, status: 'authorized' },
});
