import { TerminalError } from '@ebb/core';
import { defineFunction } from '@ebb/function';
import { LabelCreated, PaymentCaptured } from '@ebb/schemas';
import { trackingNumberOf } from '../domain/tracking-number.ts';
import { lockShipment, nextLabel, setTrackingNumber } from '../store/shipments.ts';

/** An order that is paid for gets its label. */
export const createLabel = defineFunction('create-label', {
  on: PaymentCaptured,
  emits: [LabelCreated],
  timeout: '10s',
  async handle({ data: { orderId } }, { db, emit, log }) {
    const shipment = await lockShipment(db, orderId);
    if (!shipment) throw new TerminalError(`order ${orderId} is paid for, but shipping was never quoted`);
    if (shipment.trackingNumber !== undefined) return;
    const trackingNumber = trackingNumberOf(await nextLabel(db));
    await setTrackingNumber(db, orderId, trackingNumber);
    await emit(LabelCreated, { orderId, trackingNumber });
    log.info({ orderId, trackingNumber }, 'label created');
  },
});
