import type { Line } from './plan.ts';

export interface ObservedOrder {
  readonly orderId: string;
  readonly status: string;
  readonly lines: readonly Line[];
  readonly totalMinorUnits: number;
  /** Once it is quoted. */
  readonly shippingMinorUnits: number | null;
  /** What happened to it, the first thing first. */
  readonly history: readonly string[];
}

/** A movement of money in the payment provider's own books. */
export interface ObservedMovement {
  /** The order's id. */
  readonly reference: string;
  readonly what: string;
  readonly minorUnits: number;
}

export interface Units {
  readonly sku: string;
  readonly quantity: number;
}

export interface ObservedReservation {
  readonly orderId: string;
  readonly outcome: string;
  readonly items: readonly Units[];
}

export interface ObservedStock {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
}

/** An event as the log holds it. A record that repeats an earlier one is not in the list. */
export interface ObservedEvent {
  readonly topic: string;
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string | undefined;
}

/** What the witness booked, in the order of its commits. */
export interface ObservedEntry {
  readonly fn: string;
  readonly source: string;
  readonly eventId: string;
  readonly type: string;
  readonly subject: string | undefined;
  readonly quantity: number | undefined;
}

export interface ObservedParked {
  readonly service: string;
  readonly fn: string;
  readonly eventId: string;
  readonly reason: string;
  readonly error: string;
}

/** One line of what `ebb dead list` shows. */
export interface ObservedShown {
  /** `orders/record-order` */
  readonly target: string;
  readonly eventId: string;
}

/** Events of one partition key as they were emitted, and the records that hold them in the log, repetitions included. */
export interface ObservedKey {
  readonly key: string;
  readonly emitted: readonly string[];
  readonly logged: readonly string[];
}

/** The state of the system after it came to rest. */
export interface Observed {
  readonly orders: readonly ObservedOrder[];
  readonly reservations: readonly ObservedReservation[];
  readonly restocks: readonly Units[];
  readonly stock: readonly ObservedStock[];
  /** In their order. */
  readonly movements: readonly ObservedMovement[];
  /** Orders that have a label. */
  readonly labelled: readonly string[];
  readonly events: readonly ObservedEvent[];
  /** In the log, repetitions included. */
  readonly records: number;
  readonly keys: readonly ObservedKey[];
  readonly entries: readonly ObservedEntry[];
  /** What the witness added up, by SKU. */
  readonly tally: readonly Units[];
  readonly parked: readonly ObservedParked[];
  /** What a person is shown: parked deliveries and dead letters. */
  readonly shown: readonly ObservedShown[];
  readonly deadLetters: number;
  /** Events that services emitted and no relay published. */
  readonly unpublished: number;
  /** Deliveries that a process has in hand, or that wait for something. */
  readonly unfinished: number;
}
