import type { Card } from './cards.ts';
import type { ImpostorAction, Line, OrderAction, Plan, RestockAction } from './plan.ts';

/** What a client may believe after its answers. `refused`: it was told that nothing will happen. */
export type Outcome = 'promised' | 'unknown' | 'refused';

export interface OrderEntry {
  /** Undefined for an order that only its key names and whose answer stayed out. */
  readonly orderId: string | undefined;
  readonly via: OrderAction['via'];
  readonly lines: readonly Line[];
  readonly card: Card;
  readonly country: string;
  readonly outcome: Outcome;
}

/** `refused`: it was too late. */
export interface CancellationEntry {
  readonly orderId: string;
  readonly outcome: Outcome;
}

export interface RestockEntry {
  readonly sku: string;
  readonly quantity: number;
  readonly client: number;
  readonly outcome: Outcome;
}

export interface ImpostorEntry {
  readonly eventId: string;
  readonly orderId: string;
  readonly outcome: Outcome;
}

/** An answer that no client should ever get, whatever is down. */
export interface BadAnswer {
  readonly what: string;
  readonly answer: string;
}

/** What clients sent and were answered, and nothing else: the other side of the account. */
export interface Ledger {
  /** Units on hand before the first action, by SKU. */
  readonly opening: ReadonlyMap<string, number>;
  /** Products that may run out. */
  readonly scarce: readonly string[];
  /** The product that each client alone restocks, by client. */
  readonly own: readonly string[];
  readonly orders: readonly OrderEntry[];
  readonly cancellations: readonly CancellationEntry[];
  /** In the order in which each client began them; it began the next one of its own product when this one was answered. */
  readonly restocks: readonly RestockEntry[];
  readonly impostors: readonly ImpostorEntry[];
  readonly badAnswers: readonly BadAnswer[];
  /** How often each status was answered; `none` where a connection broke or the time was over. */
  readonly statuses: ReadonlyMap<string, number>;
}

/** Written by the clients while they work. */
export class LedgerBook implements Ledger {
  readonly opening: ReadonlyMap<string, number>;
  readonly scarce: readonly string[];
  readonly own: readonly string[];
  readonly orders: OrderEntry[] = [];
  readonly cancellations: CancellationEntry[] = [];
  readonly restocks: RestockEntry[] = [];
  readonly impostors: ImpostorEntry[] = [];
  readonly badAnswers: BadAnswer[] = [];
  readonly statuses = new Map<string, number>();

  constructor({ products }: Pick<Plan, 'products'>) {
    this.opening = products.opening;
    this.scarce = products.scarce;
    this.own = products.own;
  }

  order({ via, lines, card, country }: OrderAction, orderId: string | undefined, outcome: Outcome): void {
    this.orders.push({ orderId, via, lines, card, country, outcome });
  }

  cancellation(orderId: string, outcome: Outcome): void {
    this.cancellations.push({ orderId, outcome });
  }

  restock({ sku, quantity, client }: RestockAction, outcome: Outcome): void {
    this.restocks.push({ sku, quantity, client, outcome });
  }

  impostor({ eventId }: ImpostorAction, orderId: string, outcome: Outcome): void {
    this.impostors.push({ eventId, orderId, outcome });
  }

  answered(status: string): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  badAnswer(what: string, answer: string): void {
    this.badAnswers.push({ what, answer });
  }
}
