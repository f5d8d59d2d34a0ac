import { defineFunction } from '@ebb/function';
import { PaymentRequested } from '@ebb/schemas';
import { DECISION_EVENTS, takeInDecision } from '../decisions/take-in-decision.ts';
import { CIRCUIT } from '../provider/circuit.ts';
import { openProvider } from '../provider/provider.ts';
import { PROVIDER_SETTINGS } from '../provider/settings.ts';
import { insertPayment, lockPayment } from '../store/payments.ts';

/**
 * Has the provider hold an order's money. When its answer is lost it is asked what it did, and then asked again: for longer than an order waits
 * for its payment, so that the order's window decides and not our patience.
 */
export const authorizePayment = defineFunction('authorize-payment', {
  mode: 'leased',
  on: PaymentRequested,
  emits: DECISION_EVENTS,
  settings: PROVIDER_SETTINGS,
  // An order has one payment; a card that does not answer must not hold up others.
  order: 'unordered',
  timeout: '30s',
  retry: { attempts: 50, backoff: 'linear', delay: '1s' },
  async handle({ data: { orderId, amount, paymentToken } }, { step, transaction, config, log }) {
    const isWanted = await transaction('begin', async ({ db }) => {
      await insertPayment(db, orderId, 'requested', amount);
      return (await lockPayment(db, orderId))?.status === 'requested';
    });
    if (!isWanted) return;
    const provider = openProvider(config);
    const key = `authorize-${orderId}`;
    const decision = await step(
      'authorize',
      ({ signal }) => provider.authorize(orderId, { amount, paymentToken }, { key, signal }),
      {
        onUnknown: 'verify',
        verify: async ({ signal }) => {
          const output = await provider.find(orderId, { signal });
          return output ? { done: true, output } : { done: false };
        },
        circuit: CIRCUIT,
      },
    );
    await transaction('take-in', (tx) => takeInDecision(tx, orderId, decision));
    log.info({ orderId, ...decision }, `payment ${decision.status}`);
  },
});
