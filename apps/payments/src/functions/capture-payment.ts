import { TerminalError } from '@ebb/core';
import { defineFunction } from '@ebb/function';
import { CaptureRefused, CaptureRequested, PaymentCaptured } from '@ebb/schemas';
import { nextStatus } from '../domain/payment.ts';
import { CIRCUIT } from '../provider/circuit.ts';
import { openProvider } from '../provider/provider.ts';
import { PROVIDER_SETTINGS } from '../provider/settings.ts';
import { lockPayment, setStatus } from '../store/payments.ts';

/** Takes the money that the provider holds for an order. */
export const capturePayment = defineFunction('capture-payment', {
  mode: 'leased',
  on: CaptureRequested,
  emits: [PaymentCaptured, CaptureRefused],
  settings: PROVIDER_SETTINGS,
  order: 'unordered',
  timeout: '30s',
  retry: { attempts: 50, backoff: 'linear', delay: '1s' },
  async handle({ data: { orderId } }, { step, transaction, config, log }) {
    const key = `capture-${orderId}`;
    const { status, reason } = await step(
      'capture',
      ({ signal }) => openProvider(config).capture(orderId, { key, signal }),
      { onUnknown: 'retry', circuit: CIRCUIT },
    );
    await transaction('take-in', async ({ db, emit }) => {
      const payment = await lockPayment(db, orderId);
      if (!payment?.amount) throw new TerminalError(`order ${orderId} has no payment that could be captured`);
      if (status !== 'captured') return emit(CaptureRefused, { orderId, reason: reason ?? 'no reason given' });
      const next = nextStatus(payment.status, 'captured');
      if (!next) return;
      await setStatus(db, orderId, next);
      await emit(PaymentCaptured, { orderId, amount: payment.amount });
    });
    log.info({ orderId, status }, status === 'captured' ? 'payment captured' : 'capture refused');
  },
});
