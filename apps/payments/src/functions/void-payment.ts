import { TerminalError } from '@ebb/core';
import { defineFunction } from '@ebb/function';
import { PaymentVoided, VoidRequested } from '@ebb/schemas';
import type { Sql } from '@ebb/postgres';
import { nextStatus, type PaymentStatus } from '../domain/payment.ts';
import { CIRCUIT } from '../provider/circuit.ts';
import { openProvider } from '../provider/provider.ts';
import { PROVIDER_SETTINGS } from '../provider/settings.ts';
import { insertPayment, lockPayment, setStatus } from '../store/payments.ts';

/** Gives an order's payment up, however far it is: from then on the provider holds nothing, and will not. */
export const voidPayment = defineFunction('void-payment', {
  mode: 'leased',
  on: VoidRequested,
  emits: [PaymentVoided],
  settings: PROVIDER_SETTINGS,
  order: 'unordered',
  timeout: '30s',
  retry: { attempts: 50, backoff: 'linear', delay: '1s' },
  async handle({ data: { orderId } }, { step, transaction, config, log }) {
    const status = await transaction('begin', ({ db }) => giveUp(db, orderId));
    if (status === 'captured') throw new TerminalError(`the payment of order ${orderId} is captured: it stays so`);
    // Declined, or voided by an earlier request: there is nothing to let go.
    if (status === 'voiding') {
      const key = `void-${orderId}`;
      await step('void', ({ signal }) => openProvider(config).void(orderId, { key, signal }), {
        onUnknown: 'retry',
        circuit: CIRCUIT,
      });
    }
    await transaction('finish', async ({ db, emit }) => {
      if (status === 'voiding') await setStatus(db, orderId, 'voided');
      await emit(PaymentVoided, { orderId });
    });
    log.info({ orderId }, 'payment voided');
  },
});

/** Notes that a payment is off, also before it was asked for; returns its status then. */
async function giveUp(db: Sql, orderId: string): Promise<PaymentStatus> {
  await insertPayment(db, orderId, 'voiding');
  const payment = await lockPayment(db, orderId);
  if (!payment) throw new RangeError('what is in the way of a row is there');
  const next = nextStatus(payment.status, 'void-requested');
  if (next) await setStatus(db, orderId, next);
  return next ?? payment.status;
}
