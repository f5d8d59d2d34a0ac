import { Quantity, Sku } from '@ebb/schemas';
import * as z from 'zod/mini';

/** How much there is of one product, as others see it. */
export const StockLevel = z.object({
  sku: Sku,
  name: z.string(),
  onHand: z.int(),
  reserved: z.int(),
  available: z.int(),
});

export const OfProduct = z.object({ sku: Sku });
export const Restock = z.strictObject({ quantity: Quantity });
