import pg from 'pg';
import { SERVICES } from './services.ts';

import type {
  Observed,
  ObservedEntry,
  ObservedEvent,
  ObservedKey,
  ObservedMovement,
  ObservedOrder,
  ObservedParked,
  ObservedReservation,
  ObservedStock,
  Units,
} from './observed.ts';

const ORDERS = `
SELECT order_id AS "orderId", status, lines, total_minor_units::float8 AS "totalMinorUnits",
       shipping_minor_units::float8 AS "shippingMinorUnits",
       (SELECT array_agg(what ORDER BY entry) FROM orders.order_history h WHERE h.order_id = o.order_id) AS history
FROM orders.orders o`;

const RESERVATIONS = `
SELECT order_id AS "orderId", outcome,
       coalesce((SELECT json_agg(json_build_object('sku', sku, 'quantity', quantity))
                 FROM inventory.reservation_items i WHERE i.order_id = r.order_id), '[]') AS items
FROM inventory.reservations r`;

const MOVEMENTS = `
SELECT reference, what, minor_units::float8 AS "minorUnits" FROM payment_provider.ledger ORDER BY entry`;

const LABELLED = 'SELECT order_id AS id FROM shipping.shipments WHERE labelled_at IS NOT NULL';

const ENTRIES = `SELECT fn, source, event_id AS "eventId", type, subject, quantity FROM witness.entry ORDER BY nth`;

/** The events of each key of each topic, in the order of the commits. What is sent to one function again keeps its id, and is told apart by nothing. */
const EMITTED = SERVICES.map(
  (schema) => `
SELECT topic, partition_key AS key, array_agg(event->>'id' ORDER BY id) AS ids
FROM ${schema}.outbox WHERE partition_key IS NOT NULL AND topic <> 'redelivery' GROUP BY topic, partition_key`,
).join(' UNION ALL ');

const PARKED = SERVICES.map(
  (schema) => `
SELECT '${schema}' AS service, fn, event_id AS "eventId", reason, error FROM ${schema}.parked WHERE closed_at IS NULL`,
).join(' UNION ALL ');

const UNPUBLISHED = SERVICES.map(
  (schema) => `SELECT count(*)::int AS count FROM ${schema}.outbox WHERE published_at IS NULL`,
).join(' UNION ALL ');

const UNFINISHED = SERVICES.map(
  (schema) => `SELECT count(*)::int AS count FROM ${schema}.inbox WHERE status NOT IN ('done', 'parked')`,
).join(' UNION ALL ');

/** Reads all of the state, straight from the tables: the services' own answers are what is in doubt. */
export async function observe(
  url: string,
  logged: readonly ObservedEvent[],
  shown: Observed['shown'],
): Promise<Observed> {
  const client = new pg.Client({ connectionString: url, application_name: 'ebb-chaos' });
  await client.connect();
  const all = async <Row extends object>(sql: string): Promise<readonly Row[]> => (await client.query<Row>(sql)).rows;
  try {
    const events = firstOfEach(logged);
    const emitted = await all<Emitted>(EMITTED);
    const [dead] = await all<Count>('SELECT count(*)::int AS count FROM ebb_log.dead_letter');
    return {
      orders: await all<ObservedOrder>(ORDERS),
      reservations: await all<ObservedReservation>(RESERVATIONS),
      restocks: await all<Units>('SELECT sku, quantity FROM inventory.restocks'),
      stock: await all<ObservedStock>('SELECT sku, on_hand AS "onHand", reserved FROM inventory.stock'),
      movements: await all<ObservedMovement>(MOVEMENTS),
      labelled: (await all<{ id: string }>(LABELLED)).map(({ id }) => id),
      entries: (await all<NullableEntry>(ENTRIES)).map(entryOf),
      tally: await all<Units>('SELECT sku, units::int AS quantity FROM witness.tally'),
      parked: await all<ObservedParked>(PARKED),
      keys: keysOf(emitted, logged),
      events,
      records: logged.length,
      shown,
      deadLetters: dead?.count ?? 0,
      unpublished: sumOf(await all<Count>(UNPUBLISHED)),
      unfinished: sumOf(await all<Count>(UNFINISHED)),
    };
  } finally {
    await client.end();
  }
}

interface Count {
  readonly count: number;
}

const sumOf = (counts: readonly Count[]): number => counts.reduce((sum, { count }) => sum + count, 0);

interface NullableEntry extends Omit<ObservedEntry, 'subject' | 'quantity'> {
  readonly subject: string | null;
  readonly quantity: number | null;
}

const entryOf = ({ subject, quantity, ...entry }: NullableEntry): ObservedEntry => ({
  ...entry,
  subject: subject ?? undefined,
  quantity: quantity ?? undefined,
});

function firstOfEach(logged: readonly ObservedEvent[]): readonly ObservedEvent[] {
  const seen = new Set<string>();
  return logged.filter(({ source, id }) => {
    const name = `${source}\n${id}`;
    return !seen.has(name) && seen.add(name);
  });
}

interface Emitted {
  readonly topic: string;
  readonly key: string;
  readonly ids: readonly string[];
}

/** Both sides of each key: what was emitted, and what reached the log in which order. */
function keysOf(emitted: readonly Emitted[], records: readonly ObservedEvent[]): readonly ObservedKey[] {
  const keys = emitted.map(({ topic, key, ids }) => ({
    key: `${topic}/${key}`,
    topic,
    emitted: ids,
    logged: [] as string[],
  }));
  const keyOfEvent = new Map(keys.flatMap((key) => key.emitted.map((id) => [`${key.topic}\n${id}`, key] as const)));
  for (const { topic, id } of records) keyOfEvent.get(`${topic}\n${id}`)?.logged.push(id);
  return keys;
}
