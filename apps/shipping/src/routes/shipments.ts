import { HttpProblem } from '@ebb/core';
import { defineRoutes } from '@ebb/function';
import { OrderId } from '@ebb/schemas';
import { findShipment } from '../store/shipments.ts';

export const shipmentRoutes = defineRoutes('/shipments', {
  register(router, { db }) {
    router.get('/:orderId', async (request, response) => {
      const id = OrderId.safeParse(request.params.orderId);
      const shipment = id.success ? await findShipment(db, id.data) : undefined;
      if (!shipment) throw new HttpProblem(404, `there is no shipment of order ${request.params.orderId}`);
      response.json(shipment);
    });
  },
});
