import pg from 'pg';
import type { ShownState } from './rest.ts';
import type {
  Observed,
  ObservedEntry,
  ObservedEvent,
  ObservedKey,
  ObservedOrder,
  ObservedParked,
  ObservedReservation,
  ObservedStock,
  Units,
} from './observed.ts';

/** Schemas with an outbox and parked deliveries. */
const SERVICES = ['orders', 'inventory', 'witness'] as const;

const ORDERS = `
SELECT order_id AS "orderId", status, lines, total_minor_units::float8 AS "totalMinorUnits",
       (SELECT array_agg(what ORDER BY entry) FROM orders.order_history h WHERE h.order_id = o.order_id) AS history
FROM orders.orders o`;

const RESERVATIONS = `
SELECT order_id AS "orderId", outcome,
       coalesce((SELECT json_agg(json_build_object('sku', sku, 'quantity', quantity))
                 FROM inventory.reservation_items i WHERE i.order_id = r.order_id), '[]') AS items
FROM inventory.reservations r`;

const ENTRIES = `SELECT fn, source, event_id AS "eventId", type, subject, quantity FROM witness.entry ORDER BY nth`;

/** The events of each key of each topic, in the order of the commits. */
const EMITTED = SERVICES.map(
  (schema) => `
SELECT topic || '/' || partition_key AS key, array_agg(event->>'id' ORDER BY id) AS ids
FROM ${schema}.outbox WHERE partition_key IS NOT NULL GROUP BY topic, partition_key`,
).join(' UNION ALL ');

const PARKED = SERVICES.map(
  (schema) => `
SELECT '${schema}' AS service, fn, event_id AS "eventId", reason, error FROM ${schema}.parked WHERE closed_at IS NULL`,
).join(' UNION ALL ');

const UNPUBLISHED = SERVICES.map(
  (schema) => `SELECT count(*)::int AS count FROM ${schema}.outbox WHERE published_at IS NULL`,
).join(' UNION ALL ');

/** Reads all of the state, straight from the tables: the services' own answers are what is in doubt. */
export async function observe(url: string, logged: readonly ObservedEvent[], shown: ShownState): Promise<Observed> {
  const client = new pg.Client({ connectionString: url, application_name: 'ebb-chaos' });
  await client.connect();
  const all = async <Row extends object>(sql: string): Promise<readonly Row[]> => (await client.query<Row>(sql)).rows;
  try {
    const events = firstOfEach(logged);
    const emitted = await all<{ key: string; ids: readonly string[] }>(EMITTED);
    const counts = await all<{ count: number }>(UNPUBLISHED);
    const [dead] = await all<{ count: number }>('SELECT count(*)::int AS count FROM ebb_log.dead_letter');
    return {
      orders: await all<ObservedOrder>(ORDERS),
      reservations: await all<ObservedReservation>(RESERVATIONS),
      restocks: await all<Units>('SELECT sku, quantity FROM inventory.restocks'),
      stock: await all<ObservedStock>('SELECT sku, on_hand AS "onHand", reserved FROM inventory.stock'),
      entries: (await all<NullableEntry>(ENTRIES)).map(entryOf),
      tally: await all<Units>('SELECT sku, units::int AS quantity FROM witness.tally'),
      parked: await all<ObservedParked>(PARKED),
      keys: keysOf(emitted, logged),
      events,
      records: logged.length,
      shown,
      deadLetters: dead?.count ?? 0,
      unpublished: counts.reduce((sum, { count }) => sum + count, 0),
    };
  } finally {
    await client.end();
  }
}

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

/** Both sides of each key: what was emitted, and what reached the log in which order. */
function keysOf(
  emitted: readonly { readonly key: string; readonly ids: readonly string[] }[],
  records: readonly ObservedEvent[],
): readonly ObservedKey[] {
  const keyOfId = new Map(emitted.flatMap(({ key, ids }) => ids.map((id) => [id, key] as const)));
  const logged = new Map<string, string[]>();
  for (const { id } of records) {
    const key = keyOfId.get(id);
    if (key === undefined) continue;
    const ids = logged.get(key);
    if (ids) ids.push(id);
    else logged.set(key, [id]);
  }
  return emitted.map(({ key, ids }) => ({ key, emitted: ids, logged: logged.get(key) ?? [] }));
}
