import { isGood, NOWHERE } from './cards.ts';
import { LedgerBook, type Ledger } from './ledger.ts';
import type { Observed, ObservedEntry, ObservedEvent, ObservedKey, ObservedOrder, Units } from './observed.ts';
import { planOf, type Line, type OrderAction, type Plan } from './plan.ts';

const SHIPPING = 549;

/** Both sides of the account of a run. */
export interface Sides {
  readonly ledger: Ledger;
  readonly observed: Observed;
}

/** What a shop without faults comes to, in memory: every plan carried out, every request answered. It has something of everything. */
export function honestRun(seed: number, events = 200): Sides {
  const plan = planOf({ seed, events, clients: 4, victims: ['orders'], strikeEvery: 50, outageMs: 0 });
  if (!plan.actions.some(({ kind }) => kind === 'impostor')) return honestRun(seed + 1, events);
  const shop = new HonestShop(plan);
  for (const action of plan.actions) {
    if (action.kind === 'order') shop.place(action);
    else if (action.kind === 'restock') shop.restock(action);
    else if (action.kind === 'impostor') shop.fake(action, plan);
  }
  return { ledger: shop.ledger, observed: shop.observed() };
}

class HonestShop {
  readonly ledger: LedgerBook;
  readonly #onHand: Map<string, number>;
  readonly #reserved = new Map<string, number>();
  readonly #orders: ObservedOrder[] = [];
  readonly #restocks: Units[] = [];
  readonly #events: ObservedEvent[] = [];
  readonly #keys = new Map<string, string[]>();
  readonly #entries: ObservedEntry[] = [];
  readonly #movements: Observed['movements'][number][] = [];
  readonly #labelled: string[] = [];
  readonly #parked: Observed['parked'][number][] = [];

  constructor(plan: Plan) {
    this.ledger = new LedgerBook(plan);
    this.#onHand = new Map(plan.products.opening);
  }

  place(action: OrderAction): void {
    const { orderId, lines, n, via } = action;
    this.ledger.order(action, orderId, 'promised');
    this.#publish(`placed-${n}`, 'dev.ebb.orders.order.placed.v1', orderId, via === 'broker' ? undefined : 'orders');
    const isThere = lines.every(
      ({ sku, quantity }) => (this.#onHand.get(sku) ?? 0) - (this.#reserved.get(sku) ?? 0) >= quantity,
    );
    const isDeliverable = action.country !== NOWHERE;
    const isPaid = isThere && isDeliverable && isGood(action.card);
    const status = isPaid
      ? 'confirmed'
      : action.card === 'tok_abandoned' && isThere && isDeliverable
        ? 'expired'
        : 'rejected';
    if (isPaid) for (const { sku, quantity } of lines) add(this.#reserved, sku, quantity);
    const totalMinorUnits = totalOf(lines);
    if (isPaid) this.#pay(orderId, totalMinorUnits + SHIPPING);
    const shippingMinorUnits = isDeliverable ? SHIPPING : null;
    this.#orders.push({ orderId, status, lines, totalMinorUnits, shippingMinorUnits, history: ['placed', status] });
    this.#publish(`${status}-${n}`, `dev.ebb.orders.order.${status}.v1`, orderId, 'orders');
  }

  restock(action: Extract<Plan['actions'][number], { kind: 'restock' }>): void {
    const { sku, quantity, n } = action;
    this.ledger.restock(action, 'promised');
    add(this.#onHand, sku, quantity);
    this.#restocks.push({ sku, quantity });
    this.#publish(`restocked-${n}`, 'dev.ebb.inventory.stock.restocked.v1', sku, 'inventory', quantity);
  }

  fake(action: Extract<Plan['actions'][number], { kind: 'impostor' }>, { actions }: Plan): void {
    const original = actions[action.of];
    if (original?.kind !== 'order') return;
    this.ledger.impostor(action, original.orderId, 'promised');
    this.#publish(action.eventId, 'dev.ebb.orders.order.placed.v1', original.orderId, undefined);
    const { eventId } = action;
    this.#parked.push({ service: 'orders', fn: 'record-order', eventId, reason: 'terminal', error: 'other lines' });
  }

  observed(): Observed {
    const skus = [...this.#onHand.keys()];
    return {
      orders: this.#orders,
      reservations: this.#orders.map(({ orderId, status, lines }) => ({
        orderId,
        outcome: status === 'confirmed' ? 'reserved' : 'rejected',
        items: status === 'confirmed' ? lines : [],
      })),
      restocks: this.#restocks,
      stock: skus.map((sku) => ({ sku, onHand: this.#onHand.get(sku) ?? 0, reserved: this.#reserved.get(sku) ?? 0 })),
      events: this.#events,
      records: this.#events.length,
      keys: [...this.#keys].map(([key, ids]): ObservedKey => ({ key, emitted: ids, logged: ids })),
      movements: this.#movements,
      labelled: this.#labelled,
      entries: this.#entries,
      tally: this.#restocks,
      parked: this.#parked,
      shown: this.#parked.map(({ service, fn, eventId }) => ({ target: `${service}/${fn}`, eventId })),
      deadLetters: 0,
      unpublished: 0,
      unfinished: 0,
    };
  }

  #pay(reference: string, minorUnits: number): void {
    this.#movements.push({ reference, what: 'authorized', minorUnits }, { reference, what: 'captured', minorUnits });
    this.#labelled.push(reference);
  }

  /** An event in the log, emitted by a service (which gives it a key) or by a stranger, and what the witness does with it. */
  #publish(eventId: string, type: string, subject: string, topic: string | undefined, quantity?: number): void {
    const source = topic === undefined ? '/stranger' : `/svc/${topic}`;
    this.#events.push({ topic: topic ?? 'orders', source, id: eventId, type, subject });
    if (topic !== undefined)
      this.#keys.set(`${topic}/${subject}`, [...(this.#keys.get(`${topic}/${subject}`) ?? []), eventId]);
    if (/\.(rejected|expired)\.v1$/.test(type)) return;
    const fns = quantity !== undefined ? ['follow'] : type.endsWith('placed.v1') ? ['book', 'carry'] : ['book'];
    for (const fn of fns) this.#entries.push({ fn, source, eventId, type, subject, quantity });
  }
}

function add(units: Map<string, number>, sku: string, quantity: number): void {
  units.set(sku, (units.get(sku) ?? 0) + quantity);
}

function totalOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.minorUnits, 0);
}
