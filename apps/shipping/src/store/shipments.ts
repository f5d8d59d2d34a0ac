import type { Address } from '@ebb/schemas';
import type { Sql } from '@ebb/postgres';
import type { Quote, Shipment } from '../domain/shipment.ts';

interface ShipmentRow {
  order_id: string;
  country: string;
  postal_code: string;
  zone: string;
  grams: string;
  parcels: number;
  price_minor: string;
  currency: string;
  tracking_number: string | null;
}

/** Notes what was offered for an order; false when an offer was made before. */
export async function insertShipment(db: Sql, orderId: string, shipTo: Address, quote: Quote): Promise<boolean> {
  const { zone, grams, parcels, price } = quote;
  const inserted = await db`
    insert into shipments (order_id, country, postal_code, zone, grams, parcels, price_minor, currency)
    values (${orderId}, ${shipTo.country}, ${shipTo.postalCode}, ${zone}, ${grams}, ${parcels}, ${price.minorUnits}, ${price.currency})
    on conflict (order_id) do nothing
    returning order_id`;
  return inserted.length === 1;
}

export async function findShipment(db: Sql, orderId: string): Promise<Shipment | undefined> {
  const [row] = await db<ShipmentRow>`select * from shipments where order_id = ${orderId}`;
  return row && shipmentOfRow(row);
}

/** The shipment, held for the rest of the transaction. */
export async function lockShipment(db: Sql, orderId: string): Promise<Shipment | undefined> {
  const [row] = await db<ShipmentRow>`select * from shipments where order_id = ${orderId} for update`;
  return row && shipmentOfRow(row);
}

export async function nextLabel(db: Sql): Promise<bigint> {
  const [row] = await db<{ label: string }>`select nextval('label_numbers') as label`;
  if (!row) throw new RangeError('a sequence always has a next value');
  return BigInt(row.label);
}

export async function setTrackingNumber(db: Sql, orderId: string, trackingNumber: string): Promise<void> {
  await db`
    update shipments set tracking_number = ${trackingNumber}, labelled_at = now() where order_id = ${orderId}`;
}

function shipmentOfRow(row: ShipmentRow): Shipment {
  return {
    orderId: row.order_id,
    shipTo: { country: row.country, postalCode: row.postal_code },
    zone: row.zone,
    grams: Number(row.grams),
    parcels: row.parcels,
    price: { minorUnits: Number(row.price_minor), currency: row.currency },
    ...(row.tracking_number !== null && { trackingNumber: row.tracking_number }),
  };
}
