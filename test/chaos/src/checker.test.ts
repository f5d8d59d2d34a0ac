import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { check } from './checker.ts';
import type { FindingKind } from './finding.ts';
import { honestRun, type Sides } from './honest-shop.fixture.ts';
import type { Observed } from './observed.ts';

type Damage = (sides: Sides) => Sides;

const seed = fc.nat();

/** What is wrong with a run, and what that must be called. Each is one thing that went wrong once. */
const damages: readonly (readonly [string, FindingKind, Damage])[] = [
  ['an order is gone', 'lost', observe(({ orders }) => ({ orders: orders.slice(1) }))],
  ['an order was never decided', 'stuck', observe(({ orders }) => ({ orders: onFirst(orders, { status: 'placed' }) }))],
  [
    'nobody sent an order',
    'invented',
    (sides) => ({ ...sides, ledger: { ...sides.ledger, orders: sides.ledger.orders.slice(1) } }),
  ],
  ['an order lost a line', 'altered', observe(({ orders }) => ({ orders: onFirst(orders, { lines: [] }) }))],
  ['an order costs more', 'money', observe(({ orders }) => ({ orders: onFirst(orders, { totalMinorUnits: 1 }) }))],
  [
    'an order was confirmed twice',
    'doubled',
    observe(({ orders }) => ({ orders: onFirst(orders, { history: ['confirmed', 'confirmed'] }) })),
  ],
  ['an order was turned down for nothing', 'altered', observe(turnDown)],
  [
    'stock is set aside twice',
    'stock',
    observe(({ reservations }) => ({
      reservations: reservations.map((some) => ({ ...some, items: [...some.items, ...some.items] })),
    })),
  ],
  ['no stock is set aside', 'stock', observe(() => ({ reservations: [] }))],
  [
    'a level counts a reservation twice',
    'stock',
    observe(({ stock }) => ({ stock: onFirst(stock, ({ reserved }) => ({ reserved: reserved + 1 })) })),
  ],
  [
    'a level forgets what came in',
    'stock',
    observe(({ stock }) => ({ stock: onFirst(stock, ({ onHand }) => ({ onHand: onHand - 1 })) })),
  ],
  ['a delivery of goods is gone', 'lost', observe(({ restocks }) => ({ restocks: restocks.slice(1) }))],
  [
    'a delivery of goods is booked twice',
    'doubled',
    observe(({ restocks }) => ({ restocks: [...restocks, ...restocks.slice(0, 1)] })),
  ],
  [
    'money was captured twice',
    'money',
    observe(({ movements }) => ({ movements: [...movements, ...movements.slice(1, 2)] })),
  ],
  ['money was not captured', 'money', observe(({ movements }) => ({ movements: movements.slice(2) }))],
  [
    'money is still held',
    'money',
    observe(({ movements }) => ({ movements: [...movements.slice(0, 1), ...movements.slice(2)] })),
  ],
  [
    'too much was captured',
    'money',
    observe(({ movements }) => ({
      movements: onFirst(movements, ({ minorUnits }) => ({ minorUnits: minorUnits + 1 })),
    })),
  ],
  [
    'money was moved for nothing',
    'money',
    observe(({ movements }) => ({ movements: onFirst(movements, { reference: 'nobody' }) })),
  ],
  ['a label is missing', 'lost', observe(({ labelled }) => ({ labelled: labelled.slice(1) }))],
  [
    'a cancellation did not count',
    'lost',
    (sides) => ({
      ...sides,
      ledger: { ...sides.ledger, cancellations: [{ orderId: sides.observed.orders[0]!.orderId, outcome: 'promised' }] },
    }),
  ],
  [
    'nobody cancelled an order',
    'invented',
    observe(({ orders }) => ({ orders: onFirst(orders, { status: 'cancelled', history: ['cancelled'] }) })),
  ],
  ['an event had no effect', 'lost', observe(({ entries }) => ({ entries: entries.slice(1) }))],
  [
    'an event had two effects',
    'doubled',
    observe(({ entries }) => ({ entries: [...entries, ...entries.slice(0, 1)] })),
  ],
  ['an effect came from nowhere', 'invented', observe(({ events }) => ({ events: events.slice(1) }))],
  [
    'an end was published twice',
    'doubled',
    observe(({ events }) => ({ events: [...events, { ...confirmed(events), id: 'again' }] })),
  ],
  [
    'an end was not published',
    'lost',
    observe(({ events }) => ({ events: events.filter((event) => event !== confirmed(events)) })),
  ],
  ['what came in was added up twice', 'stock', observe(({ tally }) => ({ tally: [...tally, ...tally.slice(0, 1)] }))],
  ['a delivery was never finished', 'stuck', observe(() => ({ unfinished: 1 }))],
  ['events were never published', 'stuck', observe(() => ({ unpublished: 1 }))],
  [
    'an event of a key did not reach the log',
    'lost',
    observe(({ keys }) => ({ keys: onLongest(keys, (ids) => ids.slice(0, -1)) })),
  ],
  [
    'events of a key changed places',
    'order',
    observe(({ keys }) => ({ keys: onLongest(keys, (ids) => ids.toReversed()) })),
  ],
  ['a relay published out of turn', 'order', observe(({ keys }) => ({ keys: onLongest(keys, outOfTurn) }))],
  [
    "a client's restocks took effect in another order",
    'order',
    observe(({ entries }) => ({ entries: entries.toReversed() })),
  ],
  ['a fake order is nowhere put aside', 'lost', observe(({ parked }) => ({ parked: parked.slice(1) }))],
  ['a person is shown too little', 'parked', observe(({ shown }) => ({ shown: shown.slice(1) }))],
  [
    'a person is shown another one',
    'parked',
    observe(({ shown }) => ({ shown: onFirst(shown, { eventId: 'other' }) })),
  ],
  [
    'a good event is parked',
    'parked',
    observe(({ parked }) => ({
      parked: [...parked, { service: 's', fn: 'f', eventId: 'e', reason: 'budget', error: '' }],
    })),
  ],
  ['an event ended as a dead letter', 'parked', observe(() => ({ deadLetters: 1 }))],
  [
    'a client was answered 500',
    'answer',
    (sides) => ({ ...sides, ledger: { ...sides.ledger, badAnswers: [{ what: 'order', answer: '500' }] } }),
  ],
];

describe('the checker', () => {
  it('finds nothing in a run without faults', () => {
    fc.assert(
      fc.property(seed, (some) => expect(verdict(honestRun(some))).toEqual([])),
      { numRuns: 20 },
    );
  });

  it.each(damages)('finds that %s (%s)', (_what, kind, damage) => {
    fc.assert(
      fc.property(seed, (some) => {
        const { ledger, observed } = damage(honestRun(some));
        const kinds = check(ledger, observed).map((found) => found.kind);
        expect(kinds).toContain(kind);
      }),
      { numRuns: 5 },
    );
  });

  it('holds nobody to what was not promised', () => {
    const { ledger, observed } = honestRun(1);
    const [order, ...orders] = observed.orders;
    const unknown = ledger.orders.map((entry) =>
      entry.orderId === order?.orderId ? { ...entry, outcome: 'unknown' as const } : entry,
    );
    const without = {
      ...observed,
      orders,
      reservations: observed.reservations.filter(({ orderId }) => orderId !== order?.orderId),
      stock: observed.stock.map((level) => ({
        ...level,
        reserved: level.reserved - (order?.status === 'confirmed' ? quantityOf(order.lines, level.sku) : 0),
      })),
    };
    expect(verdict({ ledger: { ...ledger, orders: unknown }, observed: without })).toEqual([]);
    expect(verdict({ ledger, observed: without })).not.toEqual([]);
  });

  it('lets a relay repeat what it published before it died', () => {
    const { ledger, observed } = honestRun(1);
    const keys = onLongest(observed.keys, (ids) => [...ids.slice(0, 3), ...ids.slice(1, 3), ...ids.slice(1)]);
    expect(verdict({ ledger, observed: { ...observed, keys } })).toEqual([]);
  });
});

const verdict = ({ ledger, observed }: Sides): readonly string[] =>
  check(ledger, observed).map(({ kind, subject, message }) => `${kind} ${subject}: ${message}`);

function observe(change: (observed: Observed) => Partial<Observed>): Damage {
  return ({ ledger, observed }) => ({ ledger, observed: { ...observed, ...change(observed) } });
}

function onFirst<T>(items: readonly T[], change: Partial<T> | ((item: T) => Partial<T>)): readonly T[] {
  return items.map((item, at) =>
    at === 0 ? { ...item, ...(typeof change === 'function' ? change(item) : change) } : item,
  );
}

function onLongest(keys: Observed['keys'], change: (ids: readonly string[]) => readonly string[]): Observed['keys'] {
  const longest = keys.toSorted((a, b) => b.emitted.length - a.emitted.length)[0];
  return keys.map((entry) => (entry === longest ? { ...entry, logged: change(entry.logged) } : entry));
}

/** 1 2 3 1 … with the 2 that should follow left out: it was published by another one, before. */
function outOfTurn(ids: readonly string[]): readonly string[] {
  return [...ids.slice(0, 3), ...ids.slice(0, 1), ...ids.slice(3)];
}

function turnDown({ orders }: Observed): Partial<Observed> {
  const wanted = orders.find(
    ({ status, lines }) => status === 'confirmed' && lines.every(({ sku }) => !sku.startsWith('SCARCE')),
  );
  return {
    orders: orders.map((order) => (order === wanted ? { ...order, status: 'rejected', history: ['rejected'] } : order)),
  };
}

function confirmed(events: Observed['events']): Observed['events'][number] {
  return events.find(({ type }) => type.endsWith('order.confirmed.v1'))!;
}

const quantityOf = (lines: Observed['orders'][number]['lines'], sku: string): number =>
  lines.filter((line) => line.sku === sku).reduce((sum, { quantity }) => sum + quantity, 0);
