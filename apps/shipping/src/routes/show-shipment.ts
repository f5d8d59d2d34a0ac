import { defineRoute } from '@ebb/function';
import { Address, Money, OrderId } from '@ebb/schemas';
import * as z from 'zod/mini';
import { findShipment } from '../store/shipments.ts';

const Shipment = z.object({
  orderId: OrderId,
  shipTo: Address,
  zone: z.string(),
  grams: z.int(),
  parcels: z.int(),
  price: Money,
  /** Since there is a label. */
  trackingNumber: z.optional(z.string()),
});

export const showShipment = defineRoute('GET /shipments/:orderId', {
  summary: 'Show how an order is shipped',
  tags: ['shipments'],
  params: z.object({ orderId: OrderId }),
  answers: { 200: { schema: Shipment, description: 'the shipment' }, 404: 'there is no shipment of this order' },
  access: 'anyone',
  async handle({ params: { orderId } }, { db }) {
    const shipment = await findShipment(db, orderId);
    if (!shipment) return { status: 404, detail: `there is no shipment of order ${orderId}` };
    return { status: 200, body: shipment };
  },
});
